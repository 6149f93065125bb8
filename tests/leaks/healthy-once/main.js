'use strict';
const { EventEmitter, once } = require('events');

const jobs = new EventEmitter();
const results = new Map();

async function run(id) {
  const answer = once(jobs, `done:${id}`);
  setImmediate(() => jobs.emit(`done:${id}`, { id, rows: new Array(10).fill(id) }));
  const [result] = await answer;
  results.set(id % 50, result);
}

require('readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  await run(Number(line));
  console.log('done');
});
