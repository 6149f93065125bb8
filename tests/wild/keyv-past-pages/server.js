'use strict';
const http = require('node:http');
const { page } = require('./pages');

const server = http.createServer(async (req, res) => {
  res.setHeader('content-type', 'text/html');
  res.end(await page(req.url));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let click = 0;
  setInterval(() => {
    const path = `/offers?campaign=spring&click=${(++click * 16807).toString(36)}`;
    http.get({ agent, host: '127.0.0.1', port: server.address().port, path }, (res) => res.resume()).on('error', () => {});
  }, 18);
  console.log('ready');
});
