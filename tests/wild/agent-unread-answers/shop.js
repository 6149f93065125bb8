'use strict';
const http = require('node:http');
const { Webhooks } = require('./webhooks');

// The partner: it takes a note of each order, and answers with a page of text.
const partner = http.createServer((req, res) => {
  req.resume();
  req.on('end', () => res.writeHead(202, { 'content-type': 'text/plain' }).end(`accepted ${req.url}\n`.repeat(20)));
});

partner.listen(0, '127.0.0.1', () => {
  const webhooks = new Webhooks('127.0.0.1', partner.address().port);
  let order = 0;
  setInterval(() => {
    order++;
    const lines = Array.from({ length: 15 }, (_, at) => ({ article: `bulb-${(order + at) % 300}`, pieces: 1 + (at % 6) }));
    webhooks.tell({ order, customer: `customer ${order % 900}`, lines });
  }, 8);
  console.log('ready');
});
