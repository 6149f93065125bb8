'use strict';
const net = require('node:net');

const short = (text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
const long = (text) => Buffer.concat([uint32(text.length), Buffer.from(text)]);
const uint16 = (n) => Buffer.from([n >> 8, n & 255]);
const uint32 = (n) => Buffer.concat([uint16(n >>> 16), uint16(n & 65535)]);

/** As much of RabbitMQ as those need who only publish. */
function serve(ready) {
  const server = net.createServer((socket) => {
    let greeted = false;
    let rest = Buffer.alloc(0);

    const send = (channel, kind, method, ...args) => {
      const payload = Buffer.concat([uint16(kind), uint16(method), ...args]);
      socket.write(Buffer.concat([Buffer.from([1]), uint16(channel), uint32(payload.length), payload, Buffer.from([206])]));
    };

    socket.on('error', () => {});
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      if (!greeted) {
        greeted = true;
        rest = rest.subarray(8);
        send(0, 10, 10, Buffer.from([0, 9]), uint32(0), long('PLAIN'), long('en_US'));
      }
      while (rest.length >= 8 && rest.length >= 8 + rest.readUInt32BE(3)) {
        const size = rest.readUInt32BE(3);
        if (rest[0] === 1) answer(rest.readUInt16BE(1), rest.readUInt16BE(7), rest.readUInt16BE(9));
        rest = rest.subarray(size + 8);
      }
    });

    function answer(channel, kind, method) {
      switch (`${kind}.${method}`) {
        case '10.11': return send(0, 10, 30, uint16(0), uint32(131072), uint16(0));
        case '10.40': return send(0, 10, 41, short(''));
        case '20.10': return send(channel, 20, 11, long(''));
        case '20.40': return send(channel, 20, 41);
        case '40.10': return send(channel, 40, 11);
        default: return undefined;
      }
    }
  });
  server.listen(0, '127.0.0.1', () => ready(server.address().port));
}

module.exports = { serve };
