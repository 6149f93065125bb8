'use strict';
const readline = require('readline');

const LIMIT = 5000;
const pages = new Map();

function page(id) {
  let known = pages.get(id);
  if (!known) {
    known = { id, title: `Page ${id}`, links: [id + 1, id + 2].map((to) => ({ to })) };
    pages.set(id, known);
    if (pages.size > LIMIT) pages.delete(pages.keys().next().value);
  }
  return known;
}

let seed = 7;
function random() {
  seed = (seed * 16807) % 2147483647;
  return seed / 2147483647;
}

readline.createInterface({ input: process.stdin }).on('line', () => {
  console.log(`served ${page(Math.floor(300 * random() ** 3)).title}`);
});
