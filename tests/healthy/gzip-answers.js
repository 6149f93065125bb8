'use strict';
// Answers that are compressed as they are sent.
const http = require('node:http');
const zlib = require('node:zlib');
const traffic = require('./traffic');

const server = http.createServer((req, res) => {
  res.writeHead(200, { 'content-encoding': 'gzip' });
  const gzip = zlib.createGzip();
  gzip.pipe(res);
  gzip.end(`${req.url} is a page. `.repeat(300));
});
traffic(server, 30, (n) => `/${n}`);
