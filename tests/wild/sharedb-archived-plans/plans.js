'use strict';
const { promisify } = require('node:util');

class Plans {
  constructor(connection) {
    this.connection = connection;
  }

  /** What the list of results shows of a plan. */
  async summary(id) {
    const doc = this.connection.get('plans', id);
    await promisify(doc.fetch).call(doc);
    const { street, rooms } = doc.data;
    return { id, street, rooms: rooms.length, squareMetres: rooms.reduce((sum, room) => sum + room.squareMetres, 0) };
  }
}

module.exports = { Plans };
