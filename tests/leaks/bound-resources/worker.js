'use strict';
const { AsyncLocalStorage, AsyncResource } = require('async_hooks');

const tenant = new AsyncLocalStorage();
const afterShutdown = [];

function handle(job) {
  const store = { id: job.id, baggage: Array.from({ length: 20 }, (_, n) => ({ n })) };
  tenant.run(store, () => {
    afterShutdown.push(AsyncResource.bind(() => tenant.getStore().id));
  });
}

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  handle(JSON.parse(line));
  console.log('handled');
});

process.on('exit', () => afterShutdown.forEach((report) => report()));
