'use strict';
const http = require('node:http');
const { price } = require('./prices');

const server = http.createServer(async (req, res) => {
  let text = '';
  for await (const chunk of req) text += chunk;
  res.end(JSON.stringify(price(JSON.parse(text))));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  const ask = (basket) => {
    const options = { agent, host: '127.0.0.1', port: server.address().port, method: 'POST' };
    http.request(options, (res) => res.resume()).on('error', () => {}).end(JSON.stringify(basket));
  };
  let n = 0;
  setInterval(() => {
    n++;
    const lines = Array.from({ length: 5 }, (_, at) => ({ article: `a-${(n * 7 + at) % 900}`, cents: 100 + ((n * at) % 900), pieces: 1 + (n % 3) }));
    const basket = { country: ['CH', 'DE', 'FR'][n % 3], visitor: n, lines };
    ask(basket);
    ask(basket);
  }, 4);
  console.log('ready');
});
