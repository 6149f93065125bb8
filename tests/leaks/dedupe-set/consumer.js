'use strict';
const readline = require('readline');
const { createHash } = require('crypto');

class Deduplicator {
  constructor() {
    this.seen = new Set();
  }

  isNew(message) {
    const digest = createHash('sha256').update(message).digest('hex');
    if (this.seen.has(digest)) return false;
    this.seen.add(digest);
    return true;
  }
}

const deduplicator = new Deduplicator();
let handled = 0;

readline.createInterface({ input: process.stdin }).on('line', (message) => {
  if (deduplicator.isNew(message)) handled++;
  console.log(`consumed, ${handled} handled`);
});
