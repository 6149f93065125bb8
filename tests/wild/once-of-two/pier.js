import { once } from 'node:events';
import { createServer } from 'node:net';
import { Screen } from './screen.js';

// The other end, which is a box under the roof as a rule.
const box = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
await once(box, 'listening');

const ISLANDS = ['Hven', 'Fårö', 'Utö', 'Sandhamn', 'Landsort', 'Arholma'];
const screen = new Screen(box.address().port);
let minute = 0;
let shown = 0;

setInterval(async () => {
  minute++;
  const sailings = Array.from({ length: 60 }, (_, at) => ({ to: ISLANDS[(minute + at) % 6], minute: minute + at * 10, lane: 1 + (at % 4) }));
  if (await screen.show(sailings)) shown++;
}, 8);
console.log('ready');
