'use strict';
const http = require('http');
const orders = require('./lib/orders');

const server = http.createServer((req, res) => res.end(JSON.stringify(orders.find(req.url))));

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
