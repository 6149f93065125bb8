'use strict';
const { locate } = require('./geocode');

let n = 0;
let north = 0;
setInterval(async () => {
  for (let k = 0; k < 3; k++) {
    const { lat } = await locate(`${++n % 40000} Church Street, ${3000 + (n % 200)} Bern`);
    if (lat > 46.2) north++;
  }
}, 10);
console.log('ready');
