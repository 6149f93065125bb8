'use strict';
const http = require('node:http');
const { chart } = require('./charts');

const server = http.createServer((req, res) => {
  const [, pier, day] = req.url.split('/');
  const { points } = chart(Number(pier), Number(day));
  res.end(String(Math.max(...points.map((point) => point.centimetres))));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const options = { agent, host: '127.0.0.1', port: server.address().port, path: `/${++n % 20}/${Math.floor(n / 25)}` };
    http.get(options, (res) => res.resume()).on('error', () => {});
  }, 15);
  console.log('ready');
});
