import { setTimeout as rest } from 'node:timers/promises';
import { Feed } from './feed.mjs';

async function* measure() {
  for (let at = 1; ; at++) {
    yield { at, beds: Array.from({ length: 24 }, (_, bed) => ({ bed, celsius: 18 + ((at + bed) % 9), moisture: 40 + ((at * bed) % 50) })) };
    await rest(4);
  }
}

const feed = new Feed(measure());
console.log('ready');

let opened = 0;
for await (const { beds } of feed.live()) {
  if (beds.some(({ celsius }) => celsius > 25)) opened++;
}
