'use strict';
const readline = require('readline');
const { buildReport } = require('./report');

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { day, orders } = JSON.parse(line);
  const list = Array.from({ length: orders }, (_, k) => ({ id: `${day}-${k}`, total: (k * 37) % 500, customer: `customer ${k % 11}` }));
  const report = buildReport(list);
  console.log(`report for day ${day}: ${report.total()} orders, ${report.changed} more than before`);
});
