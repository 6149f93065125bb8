'use strict';
const { letter } = require('./letters');

const NAMES = ['Ada', 'Ben', 'Cem', 'Dora', 'Eve', 'Finn'];
let n = 0;
let written = 0;
setInterval(() => {
  n++;
  written += letter({ name: `${NAMES[n % 6]} ${NAMES[(n * 5) % 6]}-${n}`, parcels: 1 + (n % 4), due: new Date(2025, n % 12, 1 + (n % 28)) }).length;
}, 12);
console.log('ready');
