'use strict';
const { setTimeout: rest } = require('node:timers/promises');

const CITIES = ['Gent', 'Porto', 'Turku', 'Split', 'Cork', 'Brno'];

const tables = {
  authors: (id) => ({
    id, name: `reader_${id}`, city: CITIES[id % CITIES.length], since: 2005 + (id % 20),
    badges: Array.from({ length: id % 5 }, (_, n) => `badge-${(id + n) % 30}`),
    bio: `Reads ${id % 40} books a year and writes about most of them, from ${CITIES[id % CITIES.length]}.`,
  }),
  products: (id) => ({ id, title: `Book no. ${id}`, pages: 90 + (id % 600) }),
};

/** SELECT * FROM table WHERE id = ANY(ids) */
async function find(table, ids) {
  await rest(2);
  return ids.map((id) => tables[table](id));
}

/** The newest reviews of a book. */
async function reviews(product, newest) {
  await rest(2);
  return Array.from({ length: 12 }, (_, n) => ({ id: newest - n, product, author: newest - n, stars: 1 + ((newest + n) % 5) }));
}

module.exports = { find, reviews };
