'use strict';
const { setTimeout: rest } = require('node:timers/promises');
const { price } = require('./prices');

async function main() {
  let turnover = 0;
  console.log('ready');
  for (let n = 1; ; n++) {
    turnover += price({ number: n, pieces: 1 + (n % 120), each: 2.5 });
    await rest(4);
  }
}

main();
