'use strict';
const http = require('http');
const config = require('./config');

class PriceFormatter {
  constructor(request) {
    this.request = { url: request.url, headers: request.headers };
    this.format = this.build(config.get());
    config.configBus.on('config-changed', (next) => {
      this.format = this.build(next);
    });
  }

  build({ currency, locale }) {
    return (cents) => `${(cents / 100).toFixed(2)} ${currency} (${locale})`;
  }
}

const server = http.createServer((req, res) => {
  const prices = new PriceFormatter(req);
  res.end(prices.format(1999));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
