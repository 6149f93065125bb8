'use strict';
const Redis = require('ioredis-mock');

const store = new Redis();

// Waits until an order is cooked.
async function cooked(order) {
  const client = store.createConnectedClient();
  await client.subscribe(`orders:${order.number}`);
  const done = new Promise((resolve) => client.on('message', (channel, message) => resolve(JSON.parse(message))));
  await store.publish(`orders:${order.number}`, JSON.stringify({ ...order, at: Date.now() }));
  const result = await done;
  await client.quit();
  return result;
}

module.exports = { cooked };
