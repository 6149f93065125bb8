'use strict';
const http = require('http');
const { span } = require('./context');

const server = http.createServer((req, res) => span(`GET ${req.url}`, () => res.end('ok')));

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
