'use strict';
const http = require('http');
const { remember } = require('./history');

const server = http.createServer((req, res) => {
  remember(server, req.method, req.url);
  res.end('ok');
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
