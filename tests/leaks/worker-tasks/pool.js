'use strict';
const path = require('path');
const { Worker } = require('worker_threads');

const worker = new Worker(path.join(__dirname, 'task.js'));
worker.setMaxListeners(0);

let nextTask = 0;

function runTask(input) {
  const id = nextTask++;
  return new Promise((resolve) => {
    worker.on('message', (message) => {
      if (message.id === id) resolve({ input, output: message.output });
    });
    worker.postMessage({ id, input });
  });
}

module.exports = { runTask };
