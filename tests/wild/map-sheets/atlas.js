import { Sheet } from './sheet.js';

const WALKERS = 12;
const open = new Array(WALKERS);
let steps = 0;
let highest = 0;

// Each walker has one sheet in hand, and takes the next one where it ends.
setInterval(() => {
  const step = ++steps;
  const sheet = new Sheet(Math.floor(step / WALKERS) % 400, step % WALKERS);
  open[step % WALKERS] = sheet;
  highest = Math.max(highest, sheet.summit());
}, 20);
console.log('ready');
