'use strict';
const { Server } = require('socket.io');
const { catalogue } = require('./catalogue');

const LOT = /^\/lots\/\d+$/;

/** Each lot of the auction has a room of its own, which opens when the first bidder comes. */
function rooms(server) {
  const io = new Server(server, { transports: ['websocket'], serveClient: false });

  io.of(LOT).on('connection', (socket) => {
    const room = socket.nsp;
    room.lot ??= catalogue(Number(room.name.slice('/lots/'.length)));
    socket.emit('lot', room.lot);
    socket.on('bid', (cents, done) => {
      const accepted = cents > room.lot.highest;
      if (accepted) {
        room.lot.highest = cents;
        room.emit('highest', cents);
      }
      done({ accepted });
    });
  });
  return io;
}

module.exports = { rooms };
