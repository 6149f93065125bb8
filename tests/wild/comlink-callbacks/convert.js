'use strict';
const { Worker } = require('node:worker_threads');
const Comlink = require('comlink/dist/umd/comlink');
const nodeEndpoint = require('comlink/dist/umd/node-adapter');

const converter = Comlink.wrap(nodeEndpoint(new Worker(`${__dirname}/converter.js`)));

/** Converts a recording, and tells how far it is. */
async function convert(recording, told) {
  return converter.convert(recording, Comlink.proxy((percent) => told(recording, percent)));
}

module.exports = { convert };
