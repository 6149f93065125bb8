'use strict';
const WebSocket = require('ws');
const Y = require('yjs');
const encoding = require('lib0/encoding');
const sync = require('y-protocols/sync');

// Somebody who comes, writes what there is to write, and goes.
function write(address, text) {
  const notes = new Y.Doc();
  notes.getText('notes').insert(0, text.repeat(20));
  const message = encoding.createEncoder();
  encoding.writeVarUint(message, 0);
  sync.writeUpdate(message, Y.encodeStateAsUpdate(notes));
  notes.destroy();
  const socket = new WebSocket(address);
  socket.on('open', () => socket.send(encoding.toUint8Array(message), () => socket.close()));
  socket.on('error', () => {});
}

module.exports = { write };
