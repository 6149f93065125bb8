'use strict';

/** Tells whether a reference is seen for the first time, of the last `most`. */
class Once {
  constructor(most) {
    this.most = most;
    this.references = new Map();
  }

  first(reference) {
    if (this.references.has(reference)) return false;
    this.references.set(reference, Date.now());
    if (this.references.size > this.most) this.references.delete(this.references.keys().next().value);
    return true;
  }
}

module.exports = { Once };
