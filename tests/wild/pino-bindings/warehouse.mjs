import { setTimeout as rest } from 'node:timers/promises';
import { missing, now, picked } from './journal.mjs';

console.log('ready');
for (let n = 1; ; n++) {
  const order = { number: `2026-${n}`, shelf: `aisle ${n % 40}, shelf ${n % 9}`, pieces: 1 + (n % 5) };
  now(order);
  if (n % 20_000 === 0) missing(order);
  else picked(order);
  if (n % 8 === 0) await rest(5);
}
