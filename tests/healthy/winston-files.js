'use strict';
// winston with a transport, which takes what comes.
const http = require('node:http');
const winston = require('winston');
const traffic = require('./traffic');

const logger = winston.createLogger({
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new winston.transports.File({ filename: '/dev/null' })],
});
const server = http.createServer((req, res) => {
  logger.info('asked', { path: req.url, headers: req.headers });
  res.end('ok');
});
traffic(server, 60, (n) => `/${n}`);
