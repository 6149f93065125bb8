'use strict';
const { cursors } = require('./cursors');

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  cursors.first(line);
  console.log('fetched');
});
