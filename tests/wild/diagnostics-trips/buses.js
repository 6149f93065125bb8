'use strict';
const { drive } = require('./trips');

const STOPS = ['Harbour', 'Church', 'Mill', 'School', 'Station'];
let number = 0;
let stops = 0;
setInterval(() => {
  for (let n = 0; n < 8; n++) {
    number++;
    stops += drive({ line: number % 30, number, stops: STOPS.slice(number % 4) });
  }
}, 10);
console.log('ready');
