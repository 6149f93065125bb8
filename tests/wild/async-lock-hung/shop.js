'use strict';
const { book } = require('./ledger');

let n = 0;
let booked = 0;
setInterval(() => {
  const entry = { number: ++n, amount: n % 400 === 7 ? 9400 : 20 + (n % 80), text: `Order ${n} of customer ${n % 900}` };
  book('sales', entry).then(() => booked++);
}, 4);
console.log('ready');
