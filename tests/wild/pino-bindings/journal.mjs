import { Writable } from 'node:stream';
import pino from 'pino';

let written = 0;
const out = new Writable({
  write(line, encoding, done) {
    written += line.length;
    done();
  },
});

const log = pino({ level: 'warn' }, out);

/** From here on all that is logged has the order in it. */
export function now(order) {
  log.setBindings({ order: order.number, shelf: order.shelf });
}

export function picked(order) {
  log.info({ pieces: order.pieces }, 'picked');
}

export function missing(order) {
  log.warn({ pieces: order.pieces }, 'not on the shelf');
}
