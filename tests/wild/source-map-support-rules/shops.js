'use strict';
const { run } = require('./rules');

let n = 0;
let failed = 0;
setInterval(() => {
  for (let at = 0; at < 12; at++) {
    const rule = { shop: `shop-${n % 40}`, name: 'autumn-discount-for-club-members', revision: ++n, code: 'return order.customer.club ? order.total / 10 : order.lines.first.total;' };
    if (run(rule, { customer: { club: false }, total: 40 + n, lines: {} }).trace) failed++;
  }
}, 8);
console.log('ready');
