import { deliver } from './deliver.js';

let delivered = 0;
let given = 0;

async function post(event) {
  await new Promise((done) => setTimeout(done, 10));
  // One partner is moving house this week.
  if (event.partner === 'harbour') throw Object.assign(new Error('503 from harbour'), { status: 503, event: event.number });
  return 204;
}

let number = 0;
setInterval(() => {
  number++;
  const event = {
    number,
    partner: ['station', 'harbour', 'airfield'][number % 3],
    containers: Array.from({ length: 30 }, (_, at) => ({ code: `MSKU${100000 + number + at}`, tonnes: (number + at) % 28 })),
  };
  deliver(event, post).then(() => delivered++, () => given++);
}, 12);
setInterval(() => console.log(`${delivered} delivered, ${given} given up`), 60_000).unref();
console.log('ready');
