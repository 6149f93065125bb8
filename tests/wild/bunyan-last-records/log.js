'use strict';
const bunyan = require('bunyan');

const recent = new bunyan.RingBuffer({ limit: 40_000 });

const log = bunyan.createLogger({
  name: 'ferry',
  streams: [{ level: 'info', type: 'raw', stream: recent }, { level: 'error', stream: process.stderr }],
});

function lastRecords(count) {
  return recent.records.slice(-count);
}

module.exports = { log, lastRecords };
