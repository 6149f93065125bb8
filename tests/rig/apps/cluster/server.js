'use strict';

// A primary and four workers, or as many as WORKERS says. The first is the largest, and the third leaks: few objects and large ones, of
// which a snapshot is quick on a busy machine as well.
const cluster = require('node:cluster');
const http = require('node:http');

if (cluster.isPrimary) {
  for (let worker = 0; worker < Number(process.env.WORKERS ?? 4); worker += 1) cluster.fork();
} else {
  const kept = [];
  if (cluster.worker.id === 3) {
    const keep = () => kept.push(Buffer.alloc(1 << 20, 'kept').toString('latin1'));
    setInterval(keep, 2000);
  }
  const ballast = Buffer.alloc(cluster.worker.id === 1 ? 96 << 20 : 0, 1);
  http
    .createServer((request, response) => response.end(`worker ${cluster.worker.id} ${process.pid}`, () => ballast))
    .listen(Number(process.env.PORT));
}
