'use strict';
// A hundred functions that run for the first time one after the other, over a minute, and get hot.
const http = require('node:http');
const traffic = require('./traffic');

const steps = Array.from({ length: 100 }, (_, at) => new Function('rows', `
  let total = ${at};
  for (const row of rows) total = (total * 31 + row.value + ${at}) % 1000003;
  return { step: ${at}, total, text: 'step ${at}: ' + total };`));
const server = http.createServer((req, res) => {
  const rows = Array.from({ length: 300 }, (_, value) => ({ value, label: `row ${value}` }));
  res.end(JSON.stringify(steps[req.url.slice(1)](rows)));
});
traffic(server, 50, (n) => `/${n % Math.min(100, 1 + Math.floor(n / 30))}`);
