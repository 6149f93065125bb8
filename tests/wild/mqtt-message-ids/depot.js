'use strict';
const net = require('node:net');
const aedes = require('aedes');
const { connect, follow } = require('./trucks');

const broker = aedes();
const server = net.createServer(broker.handle);

server.listen(0, '127.0.0.1', () => {
  connect(server.address().port, () => {
    let truck = 0;
    const followed = [];
    setInterval(() => {
      followed.push(follow(`truck-${++truck}`));
      // A truck is followed until it has left the yard.
      if (followed.length > 30) followed.shift()();
    }, 6);
    console.log('ready');
  });
});
