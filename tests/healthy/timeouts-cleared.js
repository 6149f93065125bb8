'use strict';
// A deadline of ten seconds for each request, cleared when it has been answered.
const http = require('node:http');
const traffic = require('./traffic');

const server = http.createServer((req, res) => {
  const deadline = setTimeout(() => res.writeHead(504).end(), 10_000);
  setTimeout(() => {
    clearTimeout(deadline);
    res.end(req.url);
  }, 30);
});
traffic(server, 80, (n) => `/${n}`);
