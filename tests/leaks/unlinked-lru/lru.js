'use strict';

class Entry {
  constructor(key, value) {
    this.key = key;
    this.value = value;
  }
}

class Lru {
  constructor(limit) {
    this.limit = limit;
    this.index = new Map();
    this.head = new Entry(null, null);
    this.head.next = this.head.previous = this.head;
  }

  get(key) {
    return this.index.get(key)?.value;
  }

  set(key, value) {
    const entry = new Entry(key, value);
    entry.next = this.head.next;
    entry.previous = this.head;
    this.head.next.previous = entry;
    this.head.next = entry;
    this.index.set(key, entry);
    // It leaves the index, but not the list.
    if (this.index.size > this.limit) this.index.delete(this.index.keys().next().value);
  }
}

module.exports = { Lru };
