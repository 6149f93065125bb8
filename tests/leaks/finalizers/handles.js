'use strict';
const registry = new FinalizationRegistry((held) => held.release());

class Handle {
  constructor(name) {
    this.name = name;
    this.blocks = Array.from({ length: 30 }, (_, n) => ({ name, n }));
    // What is held must not lead back to the handle: this does, so that no handle is ever finalized.
    registry.register(this, { release: () => this.close() });
  }

  close() {
    this.blocks.length = 0;
  }
}

module.exports = { Handle };
