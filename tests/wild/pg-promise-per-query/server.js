'use strict';
const http = require('node:http');
const { beds } = require('./gardens');

const server = http.createServer(async (req, res) => {
  res.end(JSON.stringify(await beds(Number(req.url.slice(1)))));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const options = { agent, host: '127.0.0.1', port: server.address().port, path: `/${++n % 300}` };
    http.get(options, (res) => res.resume()).on('error', () => {});
  }, 8);
  console.log('ready');
});
