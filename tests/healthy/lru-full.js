'use strict';
// The same cache when it is full: each page pushes another one out.
const http = require('node:http');
const { LRUCache } = require('lru-cache');
const traffic = require('./traffic');

const pages = new LRUCache({ max: 300 });
for (let n = 0; n < 300; n++) pages.set(`/old/${n}`, `/old/${n} `.repeat(80));
const server = http.createServer((req, res) => {
  if (!pages.has(req.url)) pages.set(req.url, `${req.url} `.repeat(80));
  res.end(pages.get(req.url));
});
traffic(server, 80, (n) => `/pages/${n}`);
