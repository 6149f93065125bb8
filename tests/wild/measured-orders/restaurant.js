'use strict';
const { served } = require('./metrics');

let n = 0;
setInterval(() => {
  served({ number: ++n, table: n % 14, minutes: 8 + (n % 25) });
}, 8);
console.log('ready');
