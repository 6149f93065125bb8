'use strict';
const debug = require('debug');

class Line {
  constructor(port) {
    this.log = debug(`gateway:line:${port}`);
    this.log.meta = { port, since: new Date(), readings: [] };
  }

  take(text) {
    const reading = Object.fromEntries(text.split(';').map((part) => part.split('=')));
    this.log('reading %o', reading);
    this.log.meta.readings.push(reading);
    return 'ok';
  }
}

module.exports = { Line };
