'use strict';
const { reserved, paid } = require('./tracing');

const shows = ['matinee', 'gala', 'late show'];
let visitor = 0;

setInterval(() => {
  visitor++;
  const seats = Array.from({ length: 12 }, (_, at) => `${'ABCDEFGH'[visitor % 8]}${(visitor + at) % 30}`);
  const id = reserved(shows[visitor % 3], seats);
  if (visitor % 10 === 0) setTimeout(paid, 400, id);
}, 6);
console.log('ready');
