'use strict';

class Repository {
  constructor(table) {
    this.table = table;
    this.loaded = new Map();
  }

  find(id) {
    let row = this.loaded.get(id);
    if (!row) {
      row = this.hydrate({ id, table: this.table });
      this.loaded.set(id, row);
    }
    return row;
  }
}

module.exports = Repository;
