'use strict';

// A primary and four workers. The third worker leaks, so it is the largest.
const cluster = require('node:cluster');
const http = require('node:http');

if (cluster.isPrimary) {
  for (let worker = 0; worker < 4; worker += 1) cluster.fork();
} else {
  const kept = [];
  if (cluster.worker.id === 3) {
    const keep = () => kept.push(Array.from({ length: 20_000 }, (_, number) => ({ number, kept: true })));
    for (let time = 0; time < 30; time += 1) keep();
    setInterval(keep, 2000);
  }
  http
    .createServer((request, response) => response.end(`worker ${cluster.worker.id}`))
    .listen(Number(process.env.PORT));
}
