import { setImmediate as soon, setTimeout as rest } from 'node:timers/promises';
import { unlessShutdown } from './shutdown.js';

let number = 0;

async function next() {
  await soon();
  number++;
  return { number, to: `reader-${number % 700}@example.org`, paragraphs: Array.from({ length: 5 }, (_, at) => `${number}.${at} of this week's letter`) };
}

async function send({ to, paragraphs }) {
  return `${to}: ${paragraphs.join('\n').length}`.length;
}

let sent = 0;
console.log('ready');
for (;;) {
  const letter = await unlessShutdown(next());
  if (!letter) break;
  sent += await send(letter);
  if (letter.number % 4 === 0) await rest(5);
}
console.log(`${sent} sent`);
process.exit();
