'use strict';
const { EventEmitter } = require('node:events');

const answers = new EventEmitter();

// The bank answers to what it has stored; to what it refuses it answers nothing.
exports.store = (ledger, entry) => new Promise((resolve) => {
  const answer = `${ledger}/${entry.number}`;
  answers.once(answer, resolve);
  setImmediate(() => {
    if (entry.amount <= 9000) answers.emit(answer);
  });
});
