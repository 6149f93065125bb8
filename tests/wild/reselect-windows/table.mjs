import { setTimeout as rest } from 'node:timers/promises';
import { visibleRows } from './selectors.mjs';

const state = { readings: Array.from({ length: 5000 }, (_, at) => ({ at, celsius: 12 + (at % 17) })) };

let drawn = 0;
let top = 0;
console.log('ready');
for (let n = 1; ; n++) {
  // The position is that of a finger, which is between the rows.
  top = (top + 3.7 + (n % 11) / 100) % (state.readings.length - 20);
  const rows = visibleRows(state, top, top + 18);
  drawn += rows.length;
  if (n % 4 === 0) await rest(5);
}
