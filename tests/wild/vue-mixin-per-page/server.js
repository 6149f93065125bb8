'use strict';
const http = require('node:http');
const { createRenderer } = require('vue-server-renderer');
const { pageFor } = require('./page');

const renderer = createRenderer();
let visits = 0;

const server = http.createServer(async (req, res) => {
  const seen = Array.from({ length: 60 }, (_, at) => ({ date: `2024-07-${1 + (at % 31)}`, euros: 80 + ((visits + at) % 70), beds: 2 + (at % 5) }));
  const visitor = { name: `Guest ${++visits}`, language: visits % 3 ? 'en' : 'de', cottage: req.url.slice(1), seen };
  res.end(await renderer.renderToString(pageFor(visitor)));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const options = { agent, host: '127.0.0.1', port: server.address().port, path: `/${++n % 40}` };
    http.get(options, (res) => res.resume()).on('error', () => {});
  }, 40);
  console.log('ready');
});
