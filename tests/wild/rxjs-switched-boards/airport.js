'use strict';
const { announce } = require('./boards');

let flight = 0;
setInterval(() => {
  for (let n = 0; n < 3; n++) announce({ number: `LX ${100 + (++flight % 900)}`, gate: 1 + (flight % 40), at: new Date() });
}, 6);
console.log('ready');
