import { setTimeout as rest } from 'node:timers/promises';
import { raise, total } from './baskets.mjs';

let taken = 0;
console.log('ready');
for (let n = 1; ; n++) {
  const basket = { customer: n % 200, lines: Array.from({ length: 4 + (n % 6) }, (_, at) => n + at) };
  taken += total(basket);
  if (n % 10_000 === 0) raise(0.1);
  if (n % 4 === 0) await rest(5);
}
