'use strict';
const { rate } = require('./rates');

let customer = 0;
let total = 0;
setInterval(async () => {
  const { rate: percent } = await rate({ customer: ++customer, country: ['at', 'be', 'pt'][customer % 3] });
  total += percent;
}, 25);
console.log('ready');
