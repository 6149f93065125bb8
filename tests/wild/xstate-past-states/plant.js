'use strict';
const { pump } = require('./pump');

let level = 0;
let runs = 0;
setInterval(() => {
  level = (level + 7) % 100;
  if (pump.read(level) === 'pumping') runs++;
}, 6);
console.log('ready');
