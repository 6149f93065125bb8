'use strict';
require('reflect-metadata');
const http = require('node:http');
const { scope } = require('./services');

const server = http.createServer((req, res) => {
  const greeter = scope({ url: req.url, agent: req.headers['user-agent'] }).get('Greeter');
  res.end(greeter());
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    http.get({ agent, host: '127.0.0.1', port: server.address().port, path: `/${++n}` }, (res) => res.resume()).on('error', () => {});
  }, 15);
  console.log('ready');
});
