'use strict';
// Connections that live for two seconds, and echo.
const { WebSocket, WebSocketServer } = require('ws');

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => {
  setInterval(() => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.address().port}`);
    socket.on('open', () => {
      const talk = setInterval(() => socket.send('how are you? '.repeat(20)), 100);
      setTimeout(() => {
        clearInterval(talk);
        socket.close();
      }, 2000);
    });
    socket.on('error', () => {});
  }, 100);
  console.log('ready');
});
server.on('connection', (socket) => socket.on('message', (text) => socket.send(text.toString())));
