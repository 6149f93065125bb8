'use strict';
const { Journal } = require('./journal');

let n = 0;
setInterval(() => {
  const journal = new Journal(`Ship ${++n % 60}`);
  for (let hour = 0; hour < 5; hour++) journal.add(`${n}: ${hour} h, wind ${(n * hour) % 12}`);
}, 4);
console.log('ready');
