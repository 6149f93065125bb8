'use strict';
const { MongoClient } = require('mongodb');
const { serve } = require('./mongod');
const { checkout, SoldOut } = require('./checkout');

serve(async (port) => {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?replicaSet=rs0`, { maxPoolSize: 5 });
  await client.connect();
  let n = 0;
  let soldOut = 0;
  setInterval(async () => {
    const order = { customer: `c-${++n}`, article: `a-${n % 500}`, pieces: 1 + (n % 4) };
    try {
      await checkout(client, order);
    } catch (error) {
      if (error instanceof SoldOut) soldOut++;
      else console.error(error.message);
    }
  }, 14);
  console.log('ready');
});
