'use strict';
const axios = require('axios');

// One token for all: it is cancelled when the service goes down.
const stopping = axios.CancelToken.source();
process.on('SIGTERM', () => stopping.cancel('going down'));

async function reading(port, station) {
  const { data } = await axios.get(`http://127.0.0.1:${port}/stations/${station}`, { cancelToken: stopping.token });
  return data.celsius;
}

module.exports = { reading };
