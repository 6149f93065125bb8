import { ReadableStream } from 'node:stream/web';

/** What the sensors tell: for the windows now, and for the inspector, should one ask. */
export class Feed {
  constructor(readings) {
    const [now, inspection] = ReadableStream.from(readings).tee();
    this.now = now;
    this.inspection = inspection;
  }

  live() {
    return this.now.values();
  }

  async inspect(count) {
    const reader = this.inspection.getReader();
    const readings = [];
    while (readings.length < count) readings.push((await reader.read()).value);
    reader.releaseLock();
    return readings;
  }
}
