'use strict';
const net = require('node:net');

/** As much of PostgreSQL's protocol as prepared statements of one number need. */
function serve(ready) {
  const server = net.createServer((socket) => {
    let greeted = false;
    let rest = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      const out = [];
      while (rest.length >= 5) {
        const head = greeted ? 1 : 0;
        const length = head + rest.readInt32BE(head);
        if (rest.length < length) break;
        out.push(...answers(greeted ? String.fromCharCode(rest[0]) : 'start'));
        greeted = true;
        rest = rest.subarray(length);
      }
      if (out.length > 0) socket.write(Buffer.concat(out));
    });
  });
  server.listen(0, '127.0.0.1', () => ready(server.address().port));
}

function answers(kind) {
  switch (kind) {
    case 'start': return [message('R', Buffer.alloc(4)), idle()];
    case 'P': return [message('1')];
    case 'B': return [message('2')];
    case 'D': return [message('T', column('cents'))];
    case 'E': return [message('D', row('129900')), message('C', Buffer.from('SELECT 1\0'))];
    case 'S': return [idle()];
    default: return [];
  }
}

function message(kind, body = Buffer.alloc(0)) {
  const head = Buffer.alloc(5);
  head.write(kind);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function column(name) {
  const body = Buffer.alloc(2 + name.length + 1 + 18);
  body.writeInt16BE(1, 0);
  body.write(name, 2);
  body.writeInt32BE(23, 2 + name.length + 1 + 6);
  body.writeInt16BE(4, 2 + name.length + 1 + 10);
  body.writeInt32BE(-1, 2 + name.length + 1 + 12);
  return body;
}

function row(text) {
  const body = Buffer.alloc(6 + text.length);
  body.writeInt16BE(1, 0);
  body.writeInt32BE(text.length, 2);
  body.write(text, 6);
  return body;
}

function idle() {
  return message('Z', Buffer.from('I'));
}

module.exports = { serve };
