'use strict';
const { letter } = require('./letter');

const depots = ['Harlow', 'Corby', 'Telford', 'Irvine', 'Cwmbran'];
let number = 400000;
let sent = 0;

setInterval(() => {
  for (let n = 0; n < 12; n++) {
    number++;
    const parcel = {
      number,
      depot: depots[number % 5],
      left: `${6 + (number % 9)}:${10 + (number % 50)}`,
      day: `${1 + (number % 28)} March`,
      code: ((number * 7919) % 900000) + 100000,
    };
    sent += letter(parcel, number % 3 ? 'en' : 'de').body.length;
  }
}, 12);
console.log('ready');
