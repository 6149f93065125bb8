'use strict';
const initSqlJs = require('sql.js');

/** A database in memory, with the few calls that the library's desk needs. */
class Store {
  static async open(schema) {
    const { Database } = await initSqlJs();
    const store = new Store(new Database());
    store.database.run(schema);
    return store;
  }

  constructor(database) {
    this.database = database;
  }

  run(sql, values) {
    this.database.run(sql, values);
  }

  first(sql, values) {
    const statement = this.database.prepare(sql, values);
    return statement.step() ? statement.getAsObject() : undefined;
  }
}

module.exports = { Store };
