import { scans, ways } from './ways.js';

const PLACES = ['counter', 'hall', 'van', 'door'];
let minute = 0;
let late = 0;
ways.subscribe((way) => {
  if (way.minutes > 60 * 24) late++;
});

setInterval(() => {
  minute++;
  // Some are handed in, and those of before are further on their way.
  for (let n = 0; n < 6; n++) {
    PLACES.forEach((place, step) => {
      if (minute > step * 50) scans.next({ parcel: `NO-${(minute - step * 50) * 6 + n}`, place, minute, belt: n });
    });
  }
}, 8);
console.log('ready');
