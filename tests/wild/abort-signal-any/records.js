'use strict';

// Aborted when the process is told to end.
const stopping = new AbortController();
process.once('SIGTERM', () => {
  stopping.abort();
  setTimeout(() => process.exit(), 500);
});

async function store(record, signal) {
  signal.throwIfAborted();
  return record.grams > 100;
}

// A record that takes too long is given up, and all of them are when the process ends.
async function handle(record) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), 250);
  try {
    return await store(record, AbortSignal.any([stopping.signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}

module.exports = { handle };
