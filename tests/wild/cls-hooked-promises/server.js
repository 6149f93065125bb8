'use strict';
const http = require('node:http');
const { request, withAccount } = require('./context');

async function greet(res) {
  const { name } = await request.get('account');
  res.end(`Hello ${name}`);
}

const server = http.createServer((req, res) => {
  withAccount(Number(req.url.slice(1)), () => greet(res));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const options = { agent, host: '127.0.0.1', port: server.address().port, path: `/${++n}` };
    http.get(options, (res) => res.resume()).on('error', () => {});
  }, 3);
  console.log('ready');
});
