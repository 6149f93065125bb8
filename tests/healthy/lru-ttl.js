'use strict';
// A cache by age, which removes what is too old by itself.
const http = require('node:http');
const { LRUCache } = require('lru-cache');
const traffic = require('./traffic');

const prices = new LRUCache({ ttl: 3000, ttlAutopurge: true });
const server = http.createServer((req, res) => {
  if (!prices.has(req.url)) prices.set(req.url, { article: req.url, cents: req.url.length * 100, text: req.url.repeat(20) });
  res.end(String(prices.get(req.url)?.cents));
});
traffic(server, 50, (n) => `/articles/${n}`);
