'use strict';
const http = require('node:http');
const { translator } = require('./texts');

const server = http.createServer(async (req, res) => {
  const t = await translator(req.headers['accept-language']);
  res.end(`<title>${t('title')}</title>`);
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const headers = { 'accept-language': ['de', 'fr', 'nl'][++n % 3] };
    http.get({ agent, host: '127.0.0.1', port: server.address().port, headers }, (res) => res.resume()).on('error', () => {});
  }, 40);
  console.log('ready');
});
