'use strict';
const http = require('node:http');

/** The service behind the gateway. */
const upstream = http.createServer((req, res) => {
  req.resume();
  res.setHeader('X-Served-By', 'orders-2');
  res.end(JSON.stringify({ tenant: req.headers['x-tenant'], orders: req.url.length }));
});

module.exports = { upstream };
