'use strict';
// Two workers for all jobs.
const { Worker } = require('node:worker_threads');

const source = `const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ id, text }) => parentPort.postMessage({ id, letters: [...text].length }));`;
const workers = [0, 1].map(() => new Worker(source, { eval: true }));
const waiting = new Map();
for (const worker of workers) {
  worker.on('message', ({ id, letters }) => {
    waiting.get(id)(letters);
    waiting.delete(id);
  });
}
let id = 0;
setInterval(async () => {
  const job = ++id;
  await new Promise((resolve) => {
    waiting.set(job, resolve);
    workers[job % 2].postMessage({ id: job, text: `text ${job} `.repeat(50) });
  });
}, 20);
console.log('ready');
