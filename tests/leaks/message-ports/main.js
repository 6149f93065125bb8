'use strict';
const { open, send } = require('./tasks');

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  open(line);
  send(line, { line });
  console.log('sent');
});
