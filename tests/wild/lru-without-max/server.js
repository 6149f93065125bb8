'use strict';
const http = require('node:http');
const { session } = require('./sessions');

const server = http.createServer((req, res) => {
  const { visits } = session(req.headers.authorization);
  res.end(String(visits));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const headers = { authorization: `Bearer ${(++n * 16807).toString(36)}.${n}` };
    http.get({ agent, host: '127.0.0.1', port: server.address().port, headers }, (res) => res.resume()).on('error', () => {});
  }, 8);
  console.log('ready');
});
