'use strict';
const http = require('node:http');
const { isAllowed } = require('./uploads');

const server = http.createServer((req, res) => {
  const { searchParams } = new URL(req.url, 'http://photos.example');
  res.statusCode = isAllowed(searchParams.get('album'), searchParams.get('path')) ? 200 : 403;
  res.end();
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const album = `summer-${(++n).toString(36)}`;
    const path = `/?album=${album}&path=albums/${album}/lake/${n}.jpg`;
    http.get({ agent, host: '127.0.0.1', port: server.address().port, path }, (res) => res.resume()).on('error', () => {});
  }, 25);
  console.log('ready');
});
