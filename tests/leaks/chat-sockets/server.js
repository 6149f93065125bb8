'use strict';
const net = require('net');

const clients = new Set();

function broadcast(from, text) {
  for (const client of clients) {
    if (client !== from && client.writable) client.write(text);
  }
}

const server = net.createServer((socket) => {
  socket.setEncoding('utf8');
  clients.add(socket);
  socket.on('data', (text) => broadcast(socket, text));
  socket.on('error', () => socket.destroy());
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
