const { createCache, memoryStore } = require('cache-manager');
const { product } = require('./products');

const cache = createCache(memoryStore({ max: 50000, ttl: 12 * 1000 }));

function find(id) {
  return cache.wrap(`product:${id}`, () => product(id));
}

module.exports = { find };
