'use strict';
const { layout } = require('./pool');

let pages = 0;
let failed = 0;
setInterval(() => {
  layout('x'.repeat(20 + (++pages % 14))).catch(() => failed++);
}, 350);
console.log('ready');
