'use strict';
const path = require('node:path');
const { Worker } = require('node:worker_threads');

const free = [];
const open = new Map();
let jobs = 0;

function start() {
  const worker = new Worker(path.join(__dirname, 'layout.js'));
  worker.on('message', ({ job, height }) => {
    const waiting = open.get(job);
    if (!waiting) return;
    open.delete(job);
    clearTimeout(waiting.patience);
    free.push(worker);
    waiting.resolve(height);
  });
  return worker;
}

function layout(paragraph) {
  const job = ++jobs;
  const worker = free.pop() ?? start();
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => {
      open.delete(job);
      // This one hangs: the next job gets another.
      free.push(start());
      reject(new Error('layout took too long'));
    }, 400);
    open.set(job, { resolve, patience });
    worker.postMessage({ job, paragraph });
  });
}

module.exports = { layout };
