'use strict';
const { AsyncLocalStorage } = require('node:async_hooks');

/** What is done in one round, from wherever it is called. */
class RoundLog extends AsyncLocalStorage {
  lines = [];

  note(text) {
    const bed = this.getStore();
    this.lines.push({ bed: bed.name, at: Date.now(), text });
  }
}

module.exports = { RoundLog };
