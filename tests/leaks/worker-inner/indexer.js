'use strict';
const { parentPort } = require('worker_threads');

const documents = [];

parentPort.on('message', ({ path }) => {
  const words = Array.from({ length: 12000 }, (_, k) => ({ word: `${path}-${k}`, at: k }));
  documents.push({ path, words });
  parentPort.postMessage(documents.length);
});
