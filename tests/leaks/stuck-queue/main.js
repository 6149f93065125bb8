'use strict';
const readline = require('readline');
const { SerialQueue } = require('./lib/serial');

const writes = new SerialQueue();
const replies = new Map();

async function append(entry) {
  // The ledger never answers for one of them.
  if (entry.id === 70) await new Promise((resolve) => replies.set(entry.id, resolve));
  return entry.id;
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const entry = { id: Number(line), memo: `transfer ${line}` };
  writes.run(() => append(entry));
  console.log('queued');
});
