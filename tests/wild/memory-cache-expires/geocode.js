'use strict';
const cache = require('memory-cache');

const MINUTES = 60_000;

/** Where an address is; the map service wants not to be asked twice within three minutes. */
async function locate(address) {
  const known = cache.get(address);
  if (known) return known;
  const found = { address, lat: 46 + (address.length % 100) / 100, lon: 7.4, parts: address.split(' '), asked: new Date() };
  return cache.put(address, found, 3 * MINUTES);
}

module.exports = { locate };
