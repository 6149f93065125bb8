'use strict';
const net = require('node:net');

const bulk = (text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

/** As much of Redis as pub/sub needs: one process subscribes, another publishes. */
function serve(ready) {
  const subscribers = new Set();
  const server = net.createServer((socket) => {
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('close', () => subscribers.delete(socket));
    socket.on('data', (text) => {
      rest += text;
      for (let command = read(); command; command = read()) answer(command);
    });

    function read() {
      const lines = rest.split('\r\n');
      const count = Number(lines[0].slice(1));
      if (!rest || lines.length < 2 * count + 2) return undefined;
      rest = lines.slice(2 * count + 1).join('\r\n');
      return Array.from({ length: count }, (_, n) => lines[2 * n + 2]);
    }

    function answer([name, ...args]) {
      switch (name.toUpperCase()) {
        case 'SUBSCRIBE':
          subscribers.add(socket);
          for (const channel of args) socket.write(`*3\r\n${bulk('subscribe')}${bulk(channel)}:1\r\n`);
          break;
        case 'UNSUBSCRIBE':
          for (const channel of args) socket.write(`*3\r\n${bulk('unsubscribe')}${bulk(channel)}:1\r\n`);
          break;
        case 'PUBLISH':
          for (const one of subscribers) one.write(`*3\r\n${bulk('message')}${bulk(args[0])}${bulk(args[1])}`);
          socket.write(`:${subscribers.size}\r\n`);
          break;
        default:
          socket.write('+OK\r\n');
      }
    }
  });
  server.listen(0, '127.0.0.1', () => ready(server.address().port));
}

module.exports = { serve };
