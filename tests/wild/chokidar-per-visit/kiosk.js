'use strict';
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { menuFor } = require('./menu');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kiosk-'));
const file = path.join(folder, 'menu.json');
fs.writeFileSync(file, JSON.stringify({ soup: 'leek', main: 'cod with potatoes', sweet: 'cloudberries' }));

const server = http.createServer((req, res) => {
  const visitor = menuFor(file, req.headers['accept-language']);
  res.end(JSON.stringify(visitor.page()));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let visits = 0;
  setInterval(() => {
    const headers = { 'accept-language': ['nb', 'en', 'de'][++visits % 3] };
    http.get({ agent, port: server.address().port, headers }, (res) => res.resume()).on('error', () => {});
  }, 12);
  console.log('ready');
});
