'use strict';
const { performance, PerformanceObserver } = require('node:perf_hooks');

let slow = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (entry.duration > 50) slow++;
}).observe({ entryTypes: ['measure'] });

// Takes what is due, and measures how long that took.
async function poll(take) {
  performance.mark('poll-begins');
  const tasks = await take();
  performance.mark('poll-ends');
  performance.measure('poll', { start: 'poll-begins', end: 'poll-ends', detail: { tasks: tasks.length } });
  return tasks;
}

module.exports = { poll };
