import { setTimeout as rest } from 'node:timers/promises';
import { fuelPrice, quote } from './quotes.mjs';

const screen = [];
let shown = 0;

function show(offer) {
  screen.push(offer);
  // There is room for twenty.
  if (screen.length > 20) screen.shift();
  shown += offer.total > 1000 ? 2 : 1;
}

console.log('ready');
for (let n = 1; ; n++) {
  show(quote(`Q-${n}`, 1 + (n % 6), 20 + ((n * 37) % 900)));
  if (n % 4000 === 0) fuelPrice.value = 1.6 + (n % 7) / 20;
  if (n % 8 === 0) await rest(5);
}
