'use strict';
const net = require('node:net');
const { Parser } = require('@xmpp/xml');
const { listen } = require('./house');

const doors = new Map();

function attend(port) {
  const socket = net.connect(port, '127.0.0.1');
  const stream = new Parser();
  stream.on('element', (stanza) => {
    const battery = Number(stanza.getChild('lock').attrs.battery);
    doors.set(stanza.attrs.from, { battery, said: stanza.getChildText('body') });
  });
  stream.on('error', () => socket.destroy());
  socket.setEncoding('utf8');
  socket.on('data', (text) => stream.write(text));
  socket.on('error', () => {});
  socket.on('close', () => setTimeout(attend, 1000, port));
}

listen((port) => {
  attend(port);
  console.log('ready');
});
