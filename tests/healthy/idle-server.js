'use strict';
// Nobody comes.
const http = require('node:http');

const server = http.createServer((req, res) => res.end('nobody asks'));
server.listen(0, '127.0.0.1', () => console.log('ready'));
