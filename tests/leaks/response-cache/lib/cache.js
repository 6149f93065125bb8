'use strict';
const crypto = require('crypto');

const HASH = 'sha1';

const responseCache = new Map();

class CachedResponse {
  constructor(status, headers, body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.hits = 0;
  }
}

function keyFor(req) {
  return crypto.createHash(HASH).update(req.method + req.url).digest('hex');
}

function lookup(req) {
  const hit = responseCache.get(keyFor(req));
  if (hit) hit.hits++;
  return hit;
}

function remember(req, status, headers, body) {
  const entry = new CachedResponse(status, headers, body);
  responseCache.set(keyFor(req), entry);
  return entry;
}

module.exports = { lookup, remember };
