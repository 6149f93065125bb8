'use strict';
const { round } = require('./watering');

let rounds = 0;
let opened = 0;
setInterval(async () => {
  rounds++;
  const beds = Array.from({ length: 80 }, (_, at) => ({ name: `bed ${at} of house ${rounds % 5}`, valve: at % 16, moisture: 20 + ((rounds * 7 + at * 13) % 60) }));
  opened += await round(beds);
}, 150);
console.log('ready');
