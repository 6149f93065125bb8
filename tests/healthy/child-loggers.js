'use strict';
// pino with a child for each request, written to nowhere.
const fs = require('node:fs');
const http = require('node:http');
const pino = require('pino');
const traffic = require('./traffic');

const logger = pino({ level: 'info' }, fs.createWriteStream('/dev/null'));
const server = http.createServer((req, res) => {
  const log = logger.child({ request: req.url });
  log.info({ headers: req.headers }, 'asked');
  res.end('ok');
});
traffic(server, 80, (n) => `/orders/${n}`);
