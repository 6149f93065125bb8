'use strict';
// Visitors of a chat who come, join a room, and leave.
const http = require('node:http');
const { Server } = require('socket.io');
const { io } = require('socket.io-client');

const server = http.createServer();
const chat = new Server(server, { transports: ['websocket'] });
chat.on('connection', (socket) => {
  socket.join(`room ${socket.handshake.query.n % 10}`);
  socket.on('say', (text) => chat.to(`room ${socket.handshake.query.n % 10}`).emit('said', text));
});
server.listen(0, '127.0.0.1', () => {
  let n = 0;
  setInterval(() => {
    const socket = io(`http://127.0.0.1:${server.address().port}`, { transports: ['websocket'], forceNew: true, reconnection: false, query: { n: ++n } });
    socket.on('connect', () => socket.emit('say', `hello ${n}`));
    setTimeout(() => socket.disconnect(), 1500);
  }, 100);
  console.log('ready');
});
