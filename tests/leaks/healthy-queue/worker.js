'use strict';
const readline = require('readline');

class Job {
  constructor(spec) {
    this.spec = spec;
    this.attempts = 0;
    this.run = () => `${spec.kind} ${++this.attempts}`;
  }
}

const queue = [];

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const spec = JSON.parse(line);
  queue.push(new Job(spec));
  // the backlog comes and goes with the time of the day
  while (queue.length > spec.backlog) queue.shift().run();
  console.log('queued');
});
