'use strict';
const { Writable } = require('stream');
const winston = require('winston');

const logger = winston.createLogger({ level: 'info', transports: [] });

// Log lines of one request are shown in its debug panel.
function panelFor(requestId) {
  const lines = [];
  const sink = new Writable({
    write(chunk, encoding, done) {
      if (lines.length < 20) lines.push(chunk.toString());
      done();
    },
  });
  logger.add(new winston.transports.Stream({ stream: sink, format: winston.format.simple() }));
  return { requestId, lines };
}

module.exports = { logger, panelFor };
