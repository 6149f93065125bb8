'use strict';
const net = require('node:net');
const { Long, deserialize, serialize } = require('bson');

const HELLO = {
  ok: 1, helloOk: true, isWritablePrimary: true, ismaster: true, msg: undefined, setName: 'rs0', hosts: [], primary: '', me: '',
  maxBsonObjectSize: 16777216, maxMessageSizeBytes: 48000000, maxWriteBatchSize: 100000, logicalSessionTimeoutMinutes: 30,
  minWireVersion: 0, maxWireVersion: 21, readOnly: false,
};

/** As much of a replica set of one as the shop's queries need. */
function serve(ready) {
  const server = net.createServer((socket) => {
    let rest = Buffer.alloc(0);
    const me = `127.0.0.1:${server.address().port}`;
    socket.on('error', () => {});
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      while (rest.length >= 16 && rest.length >= rest.readInt32LE(0)) {
        const length = rest.readInt32LE(0);
        socket.write(answer(rest.subarray(0, length), me));
        rest = rest.subarray(length);
      }
    });
  });
  server.listen(0, '127.0.0.1', () => ready(server.address().port));
}

function answer(message, me) {
  const id = message.readInt32LE(4);
  if (message.readInt32LE(12) === 2004) {
    const body = serialize({ ...HELLO, hosts: [me], primary: me, me });
    const head = Buffer.alloc(36);
    head.writeInt32LE(36 + body.length, 0);
    head.writeInt32LE(id, 8);
    head.writeInt32LE(1, 12);
    head.writeInt32LE(1, 32);
    return Buffer.concat([head, body]);
  }
  const body = serialize(reply(deserialize(message.subarray(21)), me));
  const head = Buffer.alloc(21);
  head.writeInt32LE(21 + body.length, 0);
  head.writeInt32LE(id, 8);
  head.writeInt32LE(2013, 12);
  return Buffer.concat([head, body]);
}

function reply(command, me) {
  const name = Object.keys(command)[0];
  if (name === 'hello' || name === 'ismaster') return { ...HELLO, hosts: [me], primary: me, me };
  if (name === 'update') return { ok: 1, n: 1, nModified: 1 };
  if (name === 'insert') return { ok: 1, n: 1 };
  if (name === 'find') return { ok: 1, cursor: { id: Long.ZERO, ns: 'shop.stock', firstBatch: [{ _id: command.filter._id, left: 3 }] } };
  return { ok: 1 };
}

module.exports = { serve };
