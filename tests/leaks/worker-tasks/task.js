'use strict';
const { parentPort } = require('worker_threads');
const { createHash } = require('crypto');

parentPort.on('message', ({ id, input }) => {
  parentPort.postMessage({ id, output: createHash('sha256').update(input).digest('hex') });
});
