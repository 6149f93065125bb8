'use strict';
const { shifts } = require('./shifts');

let saved = 0;

function clockIn(card, terminal, at) {
  const doors = Array.from({ length: 6 }, (_, door) => ({ door: `${terminal}/${door}`, seconds: (card * (door + 2)) % 400 }));
  shifts.insertAsync({ card, terminal, at, doors }).then(() => saved++, (error) => console.error(error.message));
}

let card = 0;
setInterval(() => {
  card++;
  clockIn(1000 + (card % 800), `gate-${card % 9}`, Date.now());
}, 8);
setInterval(() => console.log(`${saved} shifts saved`), 60_000).unref();
console.log('ready');
