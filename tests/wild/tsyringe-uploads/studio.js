'use strict';
require('reflect-metadata');
const { setTimeout: rest } = require('node:timers/promises');
const { container } = require('tsyringe');
const { Upload } = require('./upload');

container.register('upload', { useClass: Upload });

function receive(photo, pieces) {
  const upload = container.resolve('upload');
  for (let piece = 0; piece < pieces; piece++) upload.add(`photo ${photo}, piece ${piece}: ${'x'.repeat(piece)}`);
  return upload.finish();
}

async function main() {
  let told = 0;
  console.log('ready');
  for (let n = 1; ; n++) {
    told += receive(n, 3 + (n % 5)).length;
    if (n % 4 === 0) await rest(5);
  }
}

main();
