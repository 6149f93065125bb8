'use strict';
const dgram = require('node:dgram');
const http = require('node:http');
const { counted } = require('./metrics');

const collector = dgram.createSocket('udp4');
const server = http.createServer((req, res) => {
  const done = counted(req, collector.address().port);
  res.on('finish', () => done(res));
  res.end('two books are due');
});

collector.bind(0, '127.0.0.1', () => server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const options = { agent, host: '127.0.0.1', port: server.address().port, headers: { 'x-branch': `b${++n % 40}` } };
    http.get(options, (res) => res.resume()).on('error', () => {});
  }, 4);
  console.log('ready');
}));
