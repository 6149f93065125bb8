'use strict';
const http = require('node:http');

/** Three insurers, the last of which is down for maintenance. */
const insurers = http.createServer((req, res) => {
  if (req.url.startsWith('/three')) return req.socket.destroy();
  res.setHeader('Cache-Control', 'max-age=3600');
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify({ cents: 4000 + req.url.length * 11 }));
});

module.exports = { insurers };
