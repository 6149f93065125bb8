'use strict';
const { cheaperThan } = require('./prices');

let check = 0;
let cheap = 0;

setInterval(() => {
  check++;
  cheap += cheaperThan(100 + (check % 100000), check % 40).length;
}, 25);
console.log('ready');
