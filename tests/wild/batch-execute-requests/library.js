'use strict';
const { book } = require('./catalogue');

let n = 0;
let copies = 0;
setInterval(async () => {
  const { copies: found } = await book(++n % 5000);
  copies += found;
}, 2);
console.log('ready');
