'use strict';
const { io } = require('socket.io-client');

/** Someone who bids once or twice on a lot and leaves. */
function bidder(port, lot) {
  const socket = io(`http://127.0.0.1:${port}/lots/${lot}`, { transports: ['websocket'], forceNew: true, reconnection: false });
  socket.on('connect', () => {
    socket.emit('bid', 1000 + (lot % 50) * 100, ({ accepted }) => {
      if (!accepted) socket.emit('bid', 9000, () => {});
      setTimeout(() => socket.disconnect(), 250);
    });
  });
}

module.exports = { bidder };
