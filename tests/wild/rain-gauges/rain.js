'use strict';
const { Transform } = require('node:stream');

let millimetres = 0;

/** All that the gauges report, in one stream for the hydrologists. */
const journal = new Transform({
  transform(chunk, encoding, done) {
    for (const line of chunk.toString().split('\n')) millimetres += Number(line.split(';')[1] ?? 0);
    done(null, chunk);
  },
});
// There are some hundred gauges.
journal.setMaxListeners(0);
journal.resume();

module.exports = { journal, total: () => millimetres };
