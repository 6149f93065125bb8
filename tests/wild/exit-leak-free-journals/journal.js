'use strict';
const { register } = require('on-exit-leak-free');

class Journal {
  constructor(ship) {
    this.ship = ship;
    this.lines = [];
    // What is not written yet must not be lost.
    register(this, () => this.write());
  }

  add(line) {
    if (this.lines.push(line) === 8) this.write();
  }

  write() {
    const text = this.lines.join('\n');
    this.lines = [];
    return text.length;
  }
}

module.exports = { Journal };
