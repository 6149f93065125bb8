'use strict';
const { print } = require('./labels');

let parcel = 0;
setInterval(() => {
  for (let n = 0; n < 8; n++) print({ parcel: ++parcel, street: `${parcel % 300} Long Street` });
}, 10);
console.log('ready');
