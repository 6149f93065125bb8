'use strict';
const http = require('http');
const cache = require('./lib/cache');

function search(query) {
  return { query, results: Array.from({ length: 5 }, (_, k) => ({ title: `${query} result ${k}`, score: 1 / (k + 1) })) };
}

const server = http.createServer((req, res) => {
  let entry = cache.lookup(req);
  if (!entry) {
    const url = new URL(req.url, 'http://localhost');
    entry = cache.remember(req, 200, { 'content-type': 'application/json' }, search(url.searchParams.get('q')));
  }
  res.writeHead(entry.status, entry.headers);
  res.end(JSON.stringify(entry.body));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
