'use strict';
const http = require('http');
const { LRUCache } = require('lru-cache');

const pages = new LRUCache({ max: 250 });

function render(url) {
  const rows = Array.from({ length: 12 }, (_, k) => `<li>${url} ${k}</li>`);
  return { html: `<ul>${rows.join('')}</ul>`, etag: `W/"${url.length}-${url}"` };
}

const server = http.createServer((req, res) => {
  let page = pages.get(req.url);
  if (!page) {
    page = render(req.url);
    pages.set(req.url, page);
  }
  res.setHeader('etag', page.etag);
  res.end(page.html);
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
