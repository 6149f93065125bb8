'use strict';
const { gateway } = require('./gateway');

let n = 0;
let paid = 0;
setInterval(() => {
  const { pay } = gateway(++n % 4 ? 'paid' : 'refused');
  pay({ order: n, cents: 100 + n });
  if (pay({ order: n }).status === 'paid') paid++;
}, 40);
console.log('ready');
