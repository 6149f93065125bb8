'use strict';

const CLASSES = ['seat', 'couchette', 'sleeper'];

/** Which places are still free on a train; asked again at most every eight seconds. */
async function free(train, day) {
  const number = Number(train);
  return Array.from({ length: 90 }, (_, at) => ({
    place: `${21 + Math.floor(at / 30)}/${(at % 30) + 1}`,
    class: CLASSES[at % 3],
    free: (number + at + Number(day)) % 3 !== 0,
    cents: 2900 + ((number * at) % 9000),
  }));
}

function register(server) {
  server.method('free', free, { cache: { expiresIn: 8000, generateTimeout: 2000 } });
}

module.exports = { register };
