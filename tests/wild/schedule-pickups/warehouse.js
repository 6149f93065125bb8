'use strict';
const { Pickups } = require('./pickups');

const pickups = new Pickups();
let packed = 0;

setInterval(() => {
  for (let n = 0; n < 4; n++) {
    const id = ++packed;
    const pieces = Array.from({ length: 8 }, (_, at) => ({ article: `A-${(id + at) % 900}`, grams: 120 + at * 35 }));
    pickups.after(1, { id, street: `${id % 300} Canal Street`, pieces });
  }
}, 25);
console.log('ready');
