'use strict';
const { Device } = require('./device');

let n = 0;
let well = 0;
// A device tells how warm it is, and is gone.
setInterval(() => {
  const device = new Device(`SN-${(1e7 + ++n).toString(16)}`, n % 5);
  if (device.report(20 + (n % 75))) well++;
}, 4);
console.log('ready');
