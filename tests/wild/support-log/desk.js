'use strict';
const http = require('node:http');
const { api } = require('./api');

const server = api.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const ask = (path, headers) => http.get({ agent, headers, host: '127.0.0.1', port: server.address().port, path }, (res) => res.resume()).on('error', () => {});
  let number = 300_000;
  setInterval(() => {
    ask(`/subscriptions/${++number}?fields=plan,paid`, { 'User-Agent': `Desk/4.${number % 9} (Linux; terminal ${number % 300})`, 'X-Desk': `desk-${number % 30}` });
  }, 8);
  setInterval(() => ask('/support/log', { 'User-Agent': 'Desk/4.1' }), 5000);
  console.log('ready');
});
