'use strict';
// prom-client with labels of which there are few, and the process's own figures.
const http = require('node:http');
const client = require('prom-client');
const traffic = require('./traffic');

client.collectDefaultMetrics();
const took = new client.Histogram({ name: 'took_seconds', help: 'Time of requests', labelNames: ['route', 'status'] });
const server = http.createServer(async (req, res) => {
  if (req.url === '/metrics') return res.end(await client.register.metrics());
  const stop = took.startTimer({ route: req.url.split('/')[1] });
  res.end('ok');
  stop({ status: res.statusCode });
});
traffic(server, 60, (n) => (n % 60 ? `/route${n % 7}/${n}` : '/metrics'));
