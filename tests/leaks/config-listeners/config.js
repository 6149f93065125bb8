'use strict';
const { EventEmitter } = require('events');

const configBus = new EventEmitter();
configBus.setMaxListeners(0);

let current = { currency: 'EUR', locale: 'de', flags: { newCheckout: true } };

function get() {
  return current;
}

function update(next) {
  current = { ...current, ...next };
  configBus.emit('config-changed', current);
}

module.exports = { configBus, get, update };
