'use strict';
// The store of each request, seen by whatever it starts, and gone with it.
const { AsyncLocalStorage } = require('node:async_hooks');
const http = require('node:http');
const { setTimeout: after } = require('node:timers/promises');
const traffic = require('./traffic');

const current = new AsyncLocalStorage();

async function answer() {
  await after(20);
  const { id, rows } = current.getStore();
  return `${id}: ${rows.length}`;
}

const server = http.createServer((req, res) => {
  const store = { id: req.url, rows: Array.from({ length: 100 }, (_, row) => `${req.url}-${row}`) };
  current.run(store, async () => res.end(await answer()));
});
traffic(server, 60, (n) => `/${n}`);
