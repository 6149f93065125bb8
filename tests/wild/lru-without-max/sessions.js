'use strict';
const LRU = require('lru-cache');

// Tokens are good for a second here, and never come back after that.
const sessions = new LRU({ maxAge: 1000 });

function session(token) {
  let found = sessions.get(token);
  if (!found) {
    found = { visits: 0, rights: ['read', 'write'], settings: Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`s${at}`, `${token}-${at}`])) };
    sessions.set(token, found);
  }
  found.visits++;
  return found;
}

module.exports = { session };
