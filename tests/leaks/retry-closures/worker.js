'use strict';
const readline = require('readline');
const { deliver } = require('./outbox');

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { number, url } = JSON.parse(line);
  const delivered = deliver({ number, url, lines: [{ sku: `sku-${number}`, quantity: 1 }] });
  console.log(`order ${number} ${delivered ? 'delivered' : 'failed'}`);
});
