'use strict';
const Emittery = require('emittery');

const building = new Emittery();

// The first lift that comes to a floor.
async function arrival(floor) {
  const moves = building.events('moved');
  for (;;) {
    const { value } = await moves.next();
    if (value.floor === floor) return value;
  }
}

module.exports = { building, arrival };
