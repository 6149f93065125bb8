'use strict';

/** One photo on its way in. */
class Upload {
  constructor() {
    this.parts = [];
    this.size = 0;
    this.done = false;
  }

  add(part) {
    this.parts.push(part);
    this.size += part.length;
  }

  finish() {
    this.done = true;
    return `${this.parts.length} parts, ${this.size} characters`;
  }

  dispose() {
    if (!this.done) this.parts = [];
  }
}

module.exports = { Upload };
