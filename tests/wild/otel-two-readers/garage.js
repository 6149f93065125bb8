'use strict';
const { entered } = require('./metrics');

let car = 0;
setInterval(() => {
  for (let n = 0; n < 5; n++) {
    car++;
    entered.add(1, { gate: `gate-${car % 40}`, level: car % 6 });
  }
}, 5);
console.log('ready');
