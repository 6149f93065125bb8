'use strict';

class Job {
  constructor(name) {
    this.name = name;
    this.steps = [];
    process.on('SIGTERM', this.onShutdown.bind(this));
  }

  onShutdown() {
    this.steps.push('interrupted');
  }

  run() {
    for (const step of ['load', 'check', 'store']) this.steps.push(`${step} ${this.name}`);
    return this.steps.length;
  }
}

module.exports = { Job };
