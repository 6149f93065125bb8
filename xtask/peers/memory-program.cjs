'use strict';

// KIND MEGABYTES STEP: a heap that is full of one kind of thing, for measurements of what snapshots cost. Says `full` when it is.
// At each SIGUSR2 it grows by STEP megabytes, two seconds later: by the hunt's snapshots, not by the clock of a busy machine.
const [kind, megabytes, step] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const kept = [];
let made = 0;

const makers = {
  objects() {
    for (let i = 0; i < 500; i++) kept.push({ number: made, item: `item ${made++}`, previous: kept[made >> 1], lines: [{ quantity: made & 7 }] });
  },
  // A kilobyte each, flat, as texts that came over a wire are.
  strings() {
    for (let i = 0; i < 50; i++) kept.push(Buffer.from(`${made++}`.padEnd(1000, 'abcdefg')).toString('latin1'));
  },
  words() {
    for (let i = 0; i < 500; i++) kept.push(Buffer.from(`key ${made++}`.padEnd(32, '.')).toString('latin1'));
  },
  buffers() {
    kept.push(Buffer.alloc(65536, 1));
  },
  maps() {
    const map = new Map();
    for (let i = 0; i < 500; i++) map.set(made++, { made });
    kept.push(map);
  },
  closures() {
    for (let i = 0; i < 500; i++) {
      const own = { number: made++ };
      kept.push(() => own.number);
    }
  },
};

function amount() {
  const { heapUsed, external } = process.memoryUsage();
  return (kind === 'buffers' ? heapUsed + external : heapUsed) / 1e6;
}

function fill(until) {
  while (amount() < until) makers[kind]();
}

// What is only garbage does not count.
require('node:v8').setFlagsFromString('--expose-gc');
const collect = require('node:vm').runInNewContext('gc');
do {
  fill(megabytes);
  collect();
} while (amount() < megabytes * 0.97);

let target = amount();
process.on('SIGUSR2', () => {
  setTimeout(() => {
    target += step;
    do {
      // The heap's reading moves in pages: something is made each time.
      makers[kind]();
      fill(target);
      collect();
    } while (amount() < target - step * 0.03);
  }, 2000);
});
// Without the interval there would be nothing to wait for.
setInterval(() => {}, 1e6);
console.log('full');
