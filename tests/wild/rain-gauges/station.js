'use strict';
const net = require('node:net');
const { journal } = require('./rain');

const server = net.createServer((socket) => {
  socket.on('error', () => {});
  // Gauges have no power to say goodbye.
  socket.setTimeout(250, () => socket.destroy());
  socket.pipe(journal, { end: false });
});

let gauges = 0;

function report(port) {
  const gauge = net.connect(port, '127.0.0.1', () => {
    const number = ++gauges % 140;
    gauge.write(Array.from({ length: 12 }, (_, at) => `G${number};${((number + at) % 9) / 10}`).join('\n'));
  });
  gauge.on('error', () => {});
}

server.listen(0, '127.0.0.1', () => {
  setInterval(report, 15, server.address().port);
  console.log('ready');
});
