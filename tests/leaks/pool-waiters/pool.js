'use strict';

class Pool {
  constructor(size) {
    this.idle = Array.from({ length: size }, (_, number) => ({ number }));
    this.waiting = [];
  }

  async acquire(timeout) {
    if (this.idle.length) return this.idle.pop();
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject, stack: new Error('acquire') };
      this.waiting.push(waiter);
      setTimeout(() => reject(new Error('no connection in time')), timeout);
    });
  }

  release(connection) {
    const next = this.waiting.shift();
    if (next) next.resolve(connection);
    else this.idle.push(connection);
  }
}

module.exports = { Pool };
