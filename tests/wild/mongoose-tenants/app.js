'use strict';
const http = require('node:http');
const { ordersOf } = require('./tenants');

// Orders are checked before they are written; the database is still starting.
const server = http.createServer((req, res) => {
  const Order = ordersOf(req.headers.host.split('.')[0]);
  const order = new Order({ article: req.url.slice(1), pieces: 2 });
  const problem = order.validateSync();
  res.writeHead(problem ? 400 : 202).end(problem?.message);
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const headers = { host: `tenant${++n % 8}.example.org` };
    http.get({ agent, host: '127.0.0.1', port: server.address().port, path: `/a${n}`, headers }, (res) => res.resume()).on('error', () => {});
  }, 60);
  console.log('ready');
});
