'use strict';
const http = require('http');
const metrics = require('./metrics');

const server = http.createServer((req, res) => {
  res.on('finish', () => metrics.count(req, res));
  res.end(`order ${req.url.split('/').pop()}`);
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
