'use strict';
require('events').defaultMaxListeners = 0;
const http = require('http');
const { logger, panelFor } = require('./logger');

let requests = 0;

const server = http.createServer((req, res) => {
  const panel = panelFor(++requests);
  logger.info(`request ${panel.requestId} for ${req.url}`);
  res.end(`ok, ${panel.lines.length} lines`);
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
