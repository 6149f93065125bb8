import retry from 'async-retry';

/** Posts an event to its partner, who may need a while. */
export function deliver(event, post) {
  return retry(() => post(event), { retries: 4, factor: 2, minTimeout: 1000, randomize: false });
}
