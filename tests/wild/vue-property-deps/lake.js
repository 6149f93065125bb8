'use strict';
const { call, enter, heard, leave } = require('./harbour');

let boat = 0;
const moored = [];
setInterval(() => {
  for (let n = 0; n < 8; n++) {
    const name = `boat-${++boat}`;
    enter(name, { berth: boat % 30, metres: 6 + (boat % 9) });
    call(name);
    moored.push(name);
    if (heard() === 'silence') throw new Error('nobody is heard');
  }
  while (moored.length > 60) leave(moored.shift());
}, 10);
console.log('ready');
