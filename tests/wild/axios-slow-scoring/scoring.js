'use strict';
const axios = require('axios');

class Scoring {
  #http;

  constructor(baseURL) {
    this.#http = axios.create({ baseURL, timeout: 20_000 });
  }

  /** Whether an applicant can have a loan; who waits is told when the bureau has answered. */
  async decide(application) {
    const { data } = await this.#http.post('/score', { person: application.person, accounts: application.accounts });
    const debit = application.accounts.reduce((sum, { cents }) => sum + Math.min(0, cents), 0);
    return data.score + debit / 10_000 > 500;
  }
}

module.exports = { Scoring };
