import { setTimeout as rest } from 'node:timers/promises';
import { chapter, note } from './logbook.js';

const LAWNS = ['north lawn', 'orchard', 'bowling green'];

async function mow(lawn, number) {
  const stripes = Array.from({ length: 24 }, (_, at) => ({ at, metres: 12 + ((number * at) % 7), wet: (number + at) % 5 === 0 }));
  note('mown', { stripes, lawn });
  await rest(15);
  note('charged', { percent: 80 + (number % 20) });
}

function round(lawn, number) {
  chapter(`round ${number}`, async () => {
    await mow(lawn, number);
    setTimeout(round, 15, lawn, number + 1);
  });
}

for (const lawn of LAWNS) round(lawn, 1);
console.log('ready');
