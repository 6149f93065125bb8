'use strict';
const http = require('node:http');
const { setTimeout: after } = require('node:timers/promises');
const { Server } = require('socket.io');
const { visit } = require('./visitors');

const server = http.createServer();
const io = new Server(server, { transports: ['websocket'] });

// Which boards somebody may see: asked of another service.
async function boardsOf(member) {
  await after(80);
  return Array.from({ length: 30 }, (_, n) => `board/${member}/${n}`);
}

io.on('connection', async (socket) => {
  const boards = await boardsOf(socket.handshake.query.member);
  for (const board of boards) socket.join(board);
});

server.listen(0, '127.0.0.1', () => {
  visit(server.address().port);
  console.log('ready');
});
