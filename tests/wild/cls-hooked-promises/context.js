'use strict';
const { createNamespace } = require('cls-hooked');

const request = createNamespace('request');

async function account(id) {
  await new Promise(setImmediate);
  return { id, name: `Reader ${id}`, shelves: ['read', 'reading', 'to read'], since: 2019, notes: Array.from({ length: 20 }, (_, at) => id * at) };
}

function withAccount(id, handle) {
  request.run(() => {
    request.set('account', account(id));
    handle();
  });
}

module.exports = { request, withAccount };
