'use strict';

class SerialQueue {
  constructor() {
    this.tail = Promise.resolve();
  }

  run(job) {
    const result = this.tail.then(() => job());
    this.tail = result.catch(() => {});
    return result;
  }
}

module.exports = { SerialQueue };
