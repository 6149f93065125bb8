import { once } from 'node:events';
import { connect } from 'node:net';
import { createGzip } from 'node:zlib';

/** A screen over a pier, which has a small memory, a slow line, and is always on. */
export class Screen {
  constructor(port) {
    this.text = createGzip({ level: 1, highWaterMark: 2048 });
    this.text.pipe(connect(port, '127.0.0.1'));
  }

  async show(sailings) {
    const lines = sailings.map(({ to, minute, lane }) => `${to.padEnd(24)}${String(minute).padStart(6)}  lane ${lane}`);
    if (!this.text.write(`${lines.join('\n')}\n\n`)) {
      await Promise.race([once(this.text, 'drain'), once(this.text, 'close')]);
    }
    return !this.text.destroyed;
  }
}
