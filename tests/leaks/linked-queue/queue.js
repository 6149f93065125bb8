'use strict';

class Job {
  constructor(name, payload) {
    this.name = name;
    this.payload = payload;
    this.next = null;
  }
}

/** First in, first out. */
class Queue {
  constructor() {
    this.head = null;
    this.tail = null;
    this.cursor = null;
  }

  push(job) {
    if (this.tail) this.tail.next = job;
    else this.head = job;
    this.tail = job;
    this.cursor ??= job;
  }

  take() {
    const job = this.cursor;
    if (job) this.cursor = job.next;
    return job;
  }
}

module.exports = { Job, Queue };
