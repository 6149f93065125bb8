import { createCache } from 'cache-manager';
import { lookUp } from './directory.js';

const cache = createCache({ ttl: 3000 });

export function profileOf(session) {
  return cache.wrap(`profile:${session}`, () => lookUp(session));
}
