'use strict';
const ShareDB = require('sharedb');

/** Plans of buildings as they were handed in. They are read, and never changed. */
class PlanArchive extends ShareDB.DB {
  getSnapshot(collection, id, fields, options, callback) {
    const number = Number(id.split('-')[1]);
    const rooms = Array.from({ length: 40 }, (_, at) => ({ name: `Room ${number}.${at}`, floor: at % 4, squareMetres: 8 + ((number + at) % 30) }));
    const data = { street: `${number % 200} Mill Lane`, rooms };
    setImmediate(callback, null, { id, v: 1, type: 'http://sharejs.org/types/JSONv0', data, m: null });
  }

  getOps(collection, id, from, to, options, callback) {
    setImmediate(callback, null, []);
  }
}

module.exports = { PlanArchive };
