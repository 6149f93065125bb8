'use strict';
const { Writable } = require('node:stream');
const winston = require('winston');

/** Stands for the collector's socket. */
const collector = new Writable({ write: (chunk, encoding, done) => setImmediate(done) });

/** The logger of a part of the service, such as "customs" or "customs:4711". */
function logger(category) {
  return winston.loggers.get(category, {
    level: 'info',
    defaultMeta: { service: 'freight', category },
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Stream({ stream: collector })],
  });
}

module.exports = { logger };
