'use strict';
const path = require('node:path');
const { Worker } = require('node:worker_threads');

/** Works out in a thread of its own how long engravings take. */
class Engraving {
  constructor() {
    this.worker = new Worker(path.join(__dirname, 'engraver.js'));
    this.worker.setMaxListeners(0);
    this.asked = 0;
  }

  minutes(order) {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      this.worker.on('message', (answer) => {
        if (answer.id === id) resolve({ order, minutes: answer.minutes });
      });
      this.worker.once('error', reject);
      this.worker.postMessage({ id, text: order.lines.join('\n') });
    });
  }
}

module.exports = { Engraving };
