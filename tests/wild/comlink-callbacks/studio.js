'use strict';
const { convert } = require('./convert');

let n = 0;
let seconds = 0;
let halfway = 0;
setInterval(async () => {
  const recording = { title: `Take ${++n}`, seconds: 60 + (n % 200), tracks: ['voice', 'piano', 'bass'] };
  seconds += await convert(recording, (_, percent) => { if (percent === 50) halfway++; });
}, 12);
console.log('ready');
