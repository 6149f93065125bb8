const { createServer } = require('http');
const { Server } = require('socket.io');

function board() {
  const server = createServer();
  const io = new Server(server, {
    connectionStateRecovery: { maxDisconnectionDuration: 15 * 1000, skipMiddlewares: true }
  });
  io.on('connection', (socket) => {
    if (!socket.recovered) socket.emit('welcome', Date.now());
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ io, port: server.address().port })));
}

module.exports = { board };
