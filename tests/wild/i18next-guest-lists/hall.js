'use strict';
const { card } = require('./cards');

const NAMES = ['Aunt', 'Uncle', 'Cousin', 'Niece', 'Nephew', 'Neighbour', 'Colleague'];
let tables = 0;
let letters = 0;

setInterval(() => {
  for (let n = 0; n < 3; n++) {
    const table = ++tables;
    const guests = Array.from({ length: 16 }, (_, seat) => `${NAMES[(table + seat) % 7]} of table ${table}, seat ${seat}`);
    letters += card(table % 3 ? 'de' : 'it', guests).length;
  }
}, 20);
console.log('ready');
