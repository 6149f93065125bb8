'use strict';

// A heap of HEAP_MB megabytes of small objects in chains, and GROWTH_KB more each second, for measurements.
const http = require('node:http');

const megabytes = Number(process.env.HEAP_MB ?? 50);
const growth = Number(process.env.GROWTH_KB ?? 400) * 1024;
const orders = [];

function order(number) {
  return { number, item: `item ${number}`, previous: orders[number >> 1], lines: [{ quantity: number & 7 }] };
}

while (process.memoryUsage().heapUsed < megabytes * 2 ** 20) {
  for (let made = 0; made < 2000; made += 1) orders.push(order(orders.length));
}

// An order is about 250 bytes.
setInterval(() => {
  for (let made = 0; made < growth / 250 / 10; made += 1) orders.push(order(orders.length));
}, 100);

http.createServer((request, response) => response.end('ok')).listen(Number(process.env.PORT));
