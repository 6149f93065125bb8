'use strict';
const { parentPort } = require('node:worker_threads');

parentPort.on('message', ({ id, text }) => {
  const strokes = Array.from(text, (letter) => letter.codePointAt(0) % 17);
  parentPort.postMessage({ id, minutes: strokes.reduce((sum, many) => sum + many, 0) });
});
