'use strict';
const { io } = require('socket.io-client');

// Members who look in and are gone again.
exports.visit = (port) => {
  let member = 0;
  setInterval(() => {
    const query = { member: ++member };
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true, reconnection: false, query });
    socket.on('connect', () => socket.disconnect());
  }, 40);
};
