'use strict';
const Promise = require('bluebird');

const waiting = { mail: 4, invoices: 0, labels: 2, pictures: 9 };

// What waits in a queue is worked off, and the queue looked at again, for as long as the process runs.
function watch(name) {
  return Promise.delay(3)
    .then(() => work(name))
    .finally(() => watch(name));
}

function work(name) {
  waiting[name] = (waiting[name] * 7 + 3) % 11;
}

module.exports = { watch };
