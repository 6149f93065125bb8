'use strict';
// As much is done as comes in.
const { default: PQueue } = require('p-queue');

const queue = new PQueue({ concurrency: 8 });
let done = 0;
let n = 0;
setInterval(() => {
  for (let k = 0; k < 4; k++) {
    const job = { id: ++n, rows: Array(200).fill(n) };
    queue.add(() => new Promise((resolve) => setTimeout(() => resolve(done += job.rows.length), 15)));
  }
}, 25);
console.log('ready');
