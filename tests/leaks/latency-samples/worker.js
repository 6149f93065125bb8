'use strict';
const readline = require('readline');
const { performance } = require('perf_hooks');
const metrics = require('./metrics');

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { rows } = JSON.parse(line);
  let checksum = 0;
  for (let row = 0; row < rows; row++) {
    const started = performance.now();
    checksum = (checksum * 31 + row) % 65521;
    metrics.observe(performance.now() - started);
  }
  console.log(`batch ${checksum} done, p99 ${metrics.percentile(0.99)} ms`);
});
