'use strict';
const readline = require('readline');
const { Job, Queue } = require('./queue');

const mailQueue = new Queue();

function drain() {
  for (let job = mailQueue.take(); job; job = mailQueue.take()) {
    console.log(`${job.name} ${job.payload.to} sent`);
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  mailQueue.push(new Job('mail', JSON.parse(line)));
  setImmediate(drain);
});
