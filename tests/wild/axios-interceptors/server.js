'use strict';
const http = require('node:http');
const { quote } = require('./rates');

const rates = http.createServer((req, res) => res.end('{"rate":1.08}'));
rates.listen(0, '127.0.0.1', () => {
  const server = http.createServer(async (req, res) => {
    let text = '';
    for await (const chunk of req) text += chunk;
    const basket = JSON.parse(text);
    try {
      res.end(JSON.stringify(await quote(`http://127.0.0.1:${rates.address().port}`, basket)));
    } catch (error) {
      res.writeHead(502).end(error.message);
    }
  });
  server.listen(0, '127.0.0.1', () => {
    const agent = new http.Agent({ keepAlive: true });
    let n = 0;
    setInterval(() => {
      const lines = Array.from({ length: 150 }, (_, at) => ({ article: `a-${++n}-${at}`, cents: 100 + at }));
      const options = { agent, host: '127.0.0.1', port: server.address().port, method: 'POST' };
      http.request(options, (res) => res.resume()).on('error', () => {}).end(JSON.stringify({ customer: n, lines }));
    }, 80);
    console.log('ready');
  });
});
