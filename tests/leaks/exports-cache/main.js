'use strict';
const rates = require('./rates');

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  rates.rate('EUR', 'SEK', line);
  console.log('rated');
});
