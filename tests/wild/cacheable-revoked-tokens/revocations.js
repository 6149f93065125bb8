import { CacheableMemory } from 'cacheable';

/** Passes that were given back or stolen. */
const revoked = new CacheableMemory({ ttl: '10m', lruSize: 5000, checkInterval: 30_000 });

export const revoke = (pass) => revoked.set(pass, true);

export const isRevoked = (pass) => revoked.has(pass);
