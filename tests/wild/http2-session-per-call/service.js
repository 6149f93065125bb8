'use strict';
const http2 = require('node:http2');
const { parentPort } = require('node:worker_threads');

// The service of the harbour, which is another program as a rule.
const server = http2.createServer((req, res) => res.end('in 12 minutes'));
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
