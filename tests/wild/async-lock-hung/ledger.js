'use strict';
const AsyncLock = require('async-lock');
const { store } = require('./bank');

const lock = new AsyncLock({ maxPending: Infinity });

/** Bookings of one ledger are stored one after the other. */
function book(ledger, entry) {
  return lock.acquire(ledger, async () => {
    await store(ledger, { ...entry, at: Date.now() });
    return entry.number;
  });
}

module.exports = { book };
