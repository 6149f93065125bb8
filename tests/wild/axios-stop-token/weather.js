'use strict';
const http = require('node:http');
const { reading } = require('./stations');

const partner = http.createServer((req, res) => {
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ station: req.url.slice(10), celsius: 12.5, wind: [3, 4, 3, 7], sky: 'cloudy' }));
});

partner.listen(0, '127.0.0.1', () => {
  const { port } = partner.address();
  let station = 0;
  let warmest = -90;
  setInterval(async () => {
    const celsius = await reading(port, ++station % 400).catch(() => warmest);
    warmest = Math.max(warmest, celsius);
  }, 15);
  console.log('ready');
});
