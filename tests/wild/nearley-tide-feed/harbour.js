'use strict';
const { reader } = require('./feed');

const stations = ['DOVER', 'LEITH', 'NEWLYN', 'HEYSHAM', 'IMMINGHAM'];
const highest = new Map();

const read = reader(({ station, millimetres }) => {
  if (millimetres > (highest.get(station) ?? 0)) highest.set(station, millimetres);
});

let tick = 0;
setInterval(() => {
  tick++;
  const line = `${stations[tick % 5]};${2000 + Math.round(1500 * Math.sin(tick / 900)) + (tick % 7)}\n`;
  read(line.slice(0, 6));
  read(line.slice(6));
}, 25);
console.log('ready');
