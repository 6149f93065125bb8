'use strict';
const { EventEmitter2 } = require('eventemitter2');

const bus = new EventEmitter2({ wildcard: true, delimiter: '::', maxListeners: 0 });

function run(id) {
  return new Promise((resolve) => bus.once(`background::job::${id}`, resolve));
}

function finish(id, result) {
  bus.emit(`background::job::${id}`, result);
}

module.exports = { finish, run };
