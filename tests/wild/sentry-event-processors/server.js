'use strict';
const http = require('node:http');
const { watched } = require('./reports');

const server = http.createServer(
  watched((req, res) => {
    const account = req.url.slice(1);
    res.end(JSON.stringify({ account, balance: account.length * 100 }));
  }),
);

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    http.get({ agent, host: '127.0.0.1', port: server.address().port, path: `/account-${++n}` }, (res) => res.resume()).on('error', () => {});
  }, 9);
  console.log('ready');
});
