'use strict';
const { arrival, building } = require('./lifts');

let n = 0;
let taken = 0;
setInterval(() => {
  for (const lift of ['left', 'right']) building.emit('moved', { lift, floor: ++n % 9, load: (n * 31) % 600 });
}, 25);
setInterval(async () => {
  const { lift } = await arrival(n % 7);
  if (lift) taken++;
}, 90);
console.log('ready');
