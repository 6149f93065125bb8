'use strict';
// A service that asks another one, by undici with connections that are kept.
const http = require('node:http');
const { Agent, request } = require('undici');
const traffic = require('./traffic');

const backend = http.createServer((req, res) => res.end(JSON.stringify({ path: req.url, rows: Array(50).fill('row') })));
const dispatcher = new Agent({ connections: 4 });
const server = http.createServer(async (req, res) => {
  try {
    const { body } = await request(`http://127.0.0.1:${backend.address().port}${req.url}`, { dispatcher });
    res.end(String((await body.json()).rows.length));
  } catch {
    res.writeHead(502).end();
  }
});
backend.listen(0, '127.0.0.1', () => traffic(server, 50, (n) => `/${n}`));
