'use strict';
const { Handle } = require('./handles');

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  new Handle(line);
  console.log('opened');
});
