'use strict';
const http = require('node:http');
const { check } = require('./links');

// Every address of 127.0.0.0/8 is this machine: each is a host of its own.
const hosts = http.createServer((req, res) => res.writeHead(req.url === '/gone' ? 404 : 200, { connection: 'close' }).end('hello'));

hosts.listen(0, '0.0.0.0', () => {
  const { port } = hosts.address();
  let host = 0;
  let dead = 0;
  setInterval(async () => {
    host++;
    const address = `http://127.${1 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}:${port}`;
    if (!(await check(`${address}/page-${host}`))) dead++;
  }, 45);
  console.log('ready');
});
