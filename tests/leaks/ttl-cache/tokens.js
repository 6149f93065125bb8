'use strict';
const { randomBytes } = require('crypto');
const { LRUCache } = require('lru-cache');

// Tokens live for a day.
const tokens = new LRUCache({ ttl: 24 * 3600e3 });

class Token {
  constructor(user) {
    this.user = user;
    this.value = randomBytes(24).toString('hex');
    this.scopes = ['read', 'write'];
  }
}

function issue(user) {
  const token = new Token(user);
  tokens.set(token.value, token);
  return token.value;
}

module.exports = { issue };
