'use strict';
const { parentPort } = require('node:worker_threads');
const Comlink = require('comlink/dist/umd/comlink');
const nodeEndpoint = require('comlink/dist/umd/node-adapter');

Comlink.transferHandlers.set('proxy', {
  ...Comlink.transferHandlers.get('proxy'),
  deserialize(port) {
    port.start();
    return Comlink.wrap(nodeEndpoint(port));
  },
});

Comlink.expose({
  async convert(recording, told) {
    await told(50);
    return recording.seconds * 2;
  },
}, nodeEndpoint(parentPort));
