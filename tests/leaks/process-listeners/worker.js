'use strict';
const readline = require('readline');
const { Job } = require('./jobs');

process.setMaxListeners(0);

readline.createInterface({ input: process.stdin }).on('line', (name) => {
  const job = new Job(name);
  console.log(`${name}: ${job.run()} steps`);
});
