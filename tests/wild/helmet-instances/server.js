'use strict';
process.env.NODE_ENV = 'production';
const http = require('node:http');
const { page } = require('./pages');

const server = http.createServer((req, res) => {
  const number = req.url.slice('/recipes/'.length);
  const steps = Array.from({ length: 12 }, (_, at) => `Step ${at + 1}: stir ${number} times.`);
  res.end(page({ name: `Soup ${number}`, steps }));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const options = { agent, host: '127.0.0.1', port: server.address().port, path: `/recipes/${++n}` };
    http.get(options, (res) => res.resume()).on('error', () => {});
  }, 10);
  console.log('ready');
});
