'use strict';

// A shop that caches its pages and lets the oldest go: its heap rises, then stays.
const http = require('node:http');

const cache = new Map();

function page(url) {
  const kept = cache.get(url);
  if (kept) return kept;
  const rendered = `<!doctype html><title>${url}</title>${'<p>bargain</p>'.repeat(40)}`;
  cache.set(url, rendered);
  if (cache.size > 200) cache.delete(cache.keys().next().value);
  return rendered;
}

http
  .createServer((request, response) => {
    if (request.url === '/healthz') return void response.end('ok');
    response.setHeader('content-type', 'text/html');
    response.end(page(request.url));
  })
  .listen(Number(process.env.PORT));
