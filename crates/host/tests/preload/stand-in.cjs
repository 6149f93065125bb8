'use strict';
// What ps:forward does with sockets, by the same calls as the Heroku CLI (`ssh.js`, `forward.js`, socksv5's client): a proxy on
// 127.0.0.1:1080, then a server on the port of argv[3], each connection to which makes one to the proxy. The proxy
// answers with the client's address, then echoes. stdin is ignored, as it is there.
const net = require('net');
const port = process.argv[3];

const proxy = new net.Server(client => {
  client.on('error', () => {});
  client.write(`from ${client.remoteAddress}\n`);
  client.pipe(client);
});
proxy.listen(1080, '127.0.0.1', () => {
  net.createServer(incoming => {
    const outgoing = new net.Socket();
    outgoing.connect({ host: undefined, port: 1080, localAddress: undefined });
    incoming.pipe(outgoing);
    outgoing.pipe(incoming);
    outgoing.on('close', () => console.log('connection closed'));
  }).listen(port);
  // A server that is none of the two stays where it wants to be.
  net.createServer().listen(0, '127.0.0.1', function () {
    console.log(`other ${this.address().port}`);
  });
});
