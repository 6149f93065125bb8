'use strict';

class Batcher {
  constructor(size) {
    this.size = size;
    this.batch = [];
    this.sent = 0;
  }

  add(event) {
    this.batch.push({ event, at: new Date() });
    if (this.batch.length >= this.size) this.flush();
  }

  flush() {
    this.sent += this.batch.length;
    this.batch = [];
  }
}

const batcher = new Batcher(170);

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  batcher.add(line);
  console.log('added');
});
