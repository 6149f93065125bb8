'use strict';
const { createHook, executionAsyncId } = require('async_hooks');

// Who asked? Kept per asynchronous operation, so that a log line can tell.
const owners = new Map();

createHook({
  init(asyncId, type, triggerAsyncId) {
    const owner = owners.get(triggerAsyncId);
    if (owner) owners.set(asyncId, owner);
  },
}).enable();

function enter(request) {
  owners.set(executionAsyncId(), request);
}

function current() {
  return owners.get(executionAsyncId());
}

module.exports = { enter, current };
