'use strict';
require('reflect-metadata');
const http = require('node:http');
const { AsyncLocalStorage } = require('node:async_hooks');
const { ThrottlerStorageService } = require('@nestjs/throttler');

const current = new AsyncLocalStorage();
const hits = new ThrottlerStorageService();
const MINUTE = 60_000;

async function tooMany(address) {
  const { isBlocked } = await hits.increment(address, MINUTE, 10_000, MINUTE, 'all');
  return isBlocked;
}

const server = http.createServer(async (req, res) => {
  let text = '';
  for await (const chunk of req) text += chunk;
  current.run({ address: req.headers['x-forwarded-for'], invoice: JSON.parse(text) }, async () => {
    if (await tooMany(current.getStore().address)) return res.writeHead(429).end();
    res.end(`${current.getStore().invoice.rows.length} rows`);
  });
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const rows = Array.from({ length: 50 }, (_, row) => ({ article: `a-${n}-${row}`, pieces: row % 7 }));
    const headers = { 'x-forwarded-for': `192.0.2.${++n % 30}` };
    const options = { agent, host: '127.0.0.1', port: server.address().port, method: 'POST', headers };
    http.request(options, (res) => res.resume()).on('error', () => {}).end(JSON.stringify({ rows }));
  }, 40);
  console.log('ready');
});
