'use strict';
const { EventEmitter } = require('node:events');
const { keep } = require('./archive');

let n = 0;
// A buoy calls, tells what it has measured, and hangs up.
setInterval(() => {
  const buoy = new EventEmitter();
  keep(buoy);
  for (let at = 0; at < 3; at++) buoy.emit('measured', { buoy: ++n % 70, wave: (n % 40) / 10, celsius: 11 + (n % 6) });
}, 20);
console.log('ready');
