'use strict';
const { setTimeout: rest } = require('node:timers/promises');
const { slip } = require('./printers');

let printed = 0;

function order(number) {
  // Some guests sit down and leave again.
  const dishes = number % 50 === 0 ? 0 : 1 + (number % 4);
  return { number, table: number % 14, lines: Array.from({ length: dishes }, (_, at) => `${number}: dish ${(number + at) % 60}`) };
}

async function main() {
  console.log('ready');
  for (let n = 1; ; n++) {
    slip(order(n)).then((length) => {
      printed += length;
    });
    if (n % 3 === 0) await rest(5);
  }
}

main();
