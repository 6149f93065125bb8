'use strict';
const http = require('node:http');
const { outcome, paid } = require('./payments');

// The shop's page waits for the answer until its order is paid, or is not.
const server = http.createServer(async (req, res) => {
  const { state, amount } = await outcome(req.url.slice(1));
  res.end(`${state} ${amount}`);
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const order = `order-${++n}`;
    http.get({ agent, host: '127.0.0.1', port: server.address().port, path: `/${order}` }, (res) => res.resume()).on('error', () => {});
    setTimeout(() => paid(order, n % 500), 200);
  }, 10);
  console.log('ready');
});
