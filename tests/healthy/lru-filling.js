'use strict';
// A cache of at most 20,000 pages that is far from full.
const http = require('node:http');
const { LRUCache } = require('lru-cache');
const traffic = require('./traffic');

const pages = new LRUCache({ max: 20_000 });
const server = http.createServer((req, res) => {
  let page = pages.get(req.url);
  if (!page) {
    page = `${req.url} `.repeat(80);
    pages.set(req.url, page);
  }
  res.end(page);
});
traffic(server, 80, (n) => `/pages/${n}`);
