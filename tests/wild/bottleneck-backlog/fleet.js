import { locate } from './addresses.js';

let van = 0;
let known = 0;

// Each van tells where it is, every few seconds.
setInterval(() => {
  van++;
  const track = Array.from({ length: 30 }, (_, at) => ({ lat: 59 + (van % 100) / 100 + at / 1e5, lon: 10 + at / 1e5, metres: at * 12 }));
  locate({ van: van % 400, track }).then((address) => {
    if (address) known++;
  });
}, 8);
console.log('ready');
