'use strict';
const net = require('node:net');
const dnode = require('dnode');

/** The box in the warehouse that knows how cold its rooms are. */
function serve(ready) {
  const server = net.createServer((socket) => {
    const box = dnode(
      {
        temperature(room, answer) {
          answer(null, -18 - (room % 7) / 2);
        },
      },
      { weak: false },
    );
    socket.pipe(box).pipe(socket);
  });
  server.listen(0, '127.0.0.1', () => ready(server.address().port));
}

module.exports = { serve };
