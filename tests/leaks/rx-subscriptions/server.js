'use strict';
const http = require('http');
const { prices } = require('./prices');
const { Quote } = require('./quote');

const server = http.createServer((req, res) => {
  const quote = new Quote(req.url.slice(1));
  res.end(quote.render());
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
setInterval(() => prices.next(Math.random()), 100).unref();
