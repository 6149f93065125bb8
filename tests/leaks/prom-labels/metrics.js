'use strict';
const client = require('prom-client');

const registry = new client.Registry();

const httpRequests = new client.Counter({
  name: 'http_requests_total',
  help: 'Requests by method, path and status',
  labelNames: ['method', 'path', 'status'],
  registers: [registry],
});

function count(req, res) {
  httpRequests.inc({ method: req.method, path: req.url, status: res.statusCode });
}

module.exports = { registry, count };
