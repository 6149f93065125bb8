'use strict';
const http = require('node:http');
const { page } = require('./page');

const server = http.createServer((req, res) => res.end(page(req.url.slice(1))));

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let album = 0;
  setInterval(() => {
    for (let n = 0; n < 3; n++) {
      http.get({ agent, host: '127.0.0.1', port: server.address().port, path: `/album-${++album}` }, (res) => res.resume()).on('error', () => {});
    }
  }, 12);
  console.log('ready');
});
