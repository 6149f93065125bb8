'use strict';
const { handle } = require('./records');

let record = 0;
let kept = 0;
setInterval(async () => {
  for (let n = 0; n < 40; n++) {
    if (await handle({ id: ++record, grams: record % 700 })) kept++;
  }
}, 10);
console.log('ready');
