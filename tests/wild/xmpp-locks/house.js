'use strict';
const net = require('node:net');
const xml = require('@xmpp/xml');

const DOORS = ['entrance', 'cellar', 'garage', 'terrace'];

/** The locks of the house say what they do, in one stream that stays open. */
function listen(ready) {
  const server = net.createServer((socket) => {
    let number = 0;
    socket.write("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='house.example' version='1.0'>");
    const turning = setInterval(() => {
      for (let k = 0; k < 2; k++) {
        const at = ++number;
        const door = DOORS[at % 4];
        const said = xml('message', { from: `${door}@house.example/lock`, to: 'porter@house.example', id: `m${at}`, type: 'headline' },
          xml('body', {}, `The ${door} is ${at % 2 ? 'open' : 'locked'}`),
          xml('lock', { xmlns: 'urn:house:lock', battery: String(40 + (at % 60)), turns: String(at) }));
        socket.write(said.toString());
      }
    }, 12);
    socket.on('error', () => {});
    socket.on('close', () => clearInterval(turning));
  });
  server.listen(0, '127.0.0.1', () => ready(server.address().port));
}

module.exports = { listen };
