'use strict';
const { watch } = require('./poller');

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  watch(line);
  console.log('watched');
});
