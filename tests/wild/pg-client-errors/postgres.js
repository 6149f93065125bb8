'use strict';
const net = require('node:net');

/** As much of PostgreSQL's protocol as a client needs who asks for no rows. */
function serve(ready) {
  const server = net.createServer((socket) => {
    let greeted = false;
    let rest = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      while (rest.length >= 5) {
        const head = greeted ? 1 : 0;
        const length = head + rest.readInt32BE(head);
        if (rest.length < length) return;
        if (!greeted) socket.write(Buffer.concat([message('R', Buffer.alloc(4)), idle()]));
        else if (rest[0] === 0x51) socket.write(Buffer.concat([message('C', Buffer.from('OK\0')), idle()]));
        greeted = true;
        rest = rest.subarray(length);
      }
    });
  });
  server.listen(0, '127.0.0.1', () => ready(server.address().port));
}

function message(kind, body) {
  const head = Buffer.alloc(5);
  head.write(kind);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function idle() {
  return message('Z', Buffer.from('I'));
}

module.exports = { serve };
