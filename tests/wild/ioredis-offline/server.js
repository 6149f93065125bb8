'use strict';
const http = require('node:http');
const { track } = require('./tracking');

const server = http.createServer((req, res) => {
  track({ page: req.url, agent: req.headers['user-agent'], at: Date.now() });
  res.end('<h1>Shop</h1>');
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    for (let k = 0; k < 3; k++) {
      const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
      http.get({ agent, host: '127.0.0.1', port: server.address().port, path: `/articles/${++n}`, headers }, (res) => res.resume()).on('error', () => {});
    }
  }, 12);
  console.log('ready');
});
