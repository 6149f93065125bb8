'use strict';
const memoize = require('memoizee');

function compute(east, north, minute) {
  const stars = Array.from({ length: 60 }, (_, at) => {
    const height = Math.sin(at + north / 9 + minute / 240) * 90;
    return { catalogue: `HR ${1000 + at * 31}`, height, azimuth: (at * 6 + east + minute / 4) % 360, visible: height > 5 };
  });
  return stars.filter((star) => star.height > -60);
}

/** Who turns the telescope a little asks for the same sky again, but not later than in ten seconds. */
const sky = memoize(compute, { primitive: true, maxAge: 10_000 });

module.exports = { sky };
