'use strict';
const { onDelivered, scanned } = require('./scans');

let delivered = 0;
let parcel = 7_000_000;
onDelivered(() => delivered++);

setInterval(() => {
  for (let n = 0; n < 8; n++) {
    const id = `ZRH-${++parcel}`;
    for (const place of ['loaded', 'sorted', 'delivered']) scanned(id, place);
  }
}, 25);
console.log('ready');
