'use strict';
const { MessageChannel } = require('worker_threads');

const inboxes = new Map();

function open(id) {
  const { port1, port2 } = new MessageChannel();
  const inbox = { id, received: [], port: port2 };
  port1.on('message', (message) => inbox.received.push(message));
  inboxes.set(id, inbox);
}

function send(id, message) {
  inboxes.get(id).port.postMessage(message);
  inboxes.delete(id);
}

module.exports = { open, send };
