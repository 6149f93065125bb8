'use strict';
const net = require('node:net');
const { Line } = require('./line');

// A gateway for meters: each sends its reading and hangs up.
const server = net.createServer((socket) => {
  const line = new Line(socket.remotePort);
  socket.on('data', (data) => socket.write(line.take(data.toString())));
  socket.on('error', () => {});
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  let meter = 0;
  setInterval(() => {
    for (let n = 0; n < 8; n++) {
      const socket = net.connect(port, '127.0.0.1', () => socket.write(`meter=${++meter};kwh=${meter % 900}`));
      socket.on('data', () => socket.destroy());
      socket.on('error', () => {});
    }
  }, 12);
  console.log('ready');
});
