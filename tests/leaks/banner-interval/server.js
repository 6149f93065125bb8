'use strict';
const http = require('http');
const { DiscountBanner } = require('./components/DiscountBanner');

const products = Array.from({ length: 40 }, (_, id) => ({ id, name: `Product ${id}`, discountHours: 2 + (id % 30) }));

function renderPage(id) {
  const product = products[id % products.length];
  const banner = new DiscountBanner(product);
  return `<html><body><h1>${product.name}</h1>${banner.render()}</body></html>`;
}

const server = http.createServer((req, res) => {
  const match = req.url.match(/^\/product\/(\d+)/);
  if (!match) {
    res.writeHead(404);
    return res.end();
  }
  res.setHeader('content-type', 'text/html');
  res.end(renderPage(Number(match[1])));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
