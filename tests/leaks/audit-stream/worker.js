'use strict';
const readline = require('readline');
const audit = require('./audit');

const accounts = new Map([['a', 1000], ['b', 500], ['c', 0]]);

function transfer({ from, to, amount }) {
  accounts.set(from, accounts.get(from) - amount);
  accounts.set(to, accounts.get(to) + amount);
  audit.record('transfer', { from, to, amount });
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  transfer(JSON.parse(line));
  console.log('transfer done');
});
