'use strict';
const http = require('node:http');
const { bidder } = require('./bidder');
const { rooms } = require('./rooms');

const server = http.createServer();
rooms(server);

server.listen(0, '127.0.0.1', () => {
  let lot = 20_000;
  setInterval(() => bidder(server.address().port, ++lot), 30);
  console.log('ready');
});
