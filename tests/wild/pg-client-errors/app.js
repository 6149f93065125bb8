'use strict';
const { serve } = require('./postgres');
const { open, transfer } = require('./accounts');

serve((port) => {
  const pool = open(port);
  let n = 0;
  setInterval(() => {
    for (let k = 0; k < 4; k++) transfer(pool, { from: ++n % 90, to: (n * 7) % 90, cents: n, note: `invoice ${n} `.repeat(12) });
  }, 15);
  console.log('ready');
});
