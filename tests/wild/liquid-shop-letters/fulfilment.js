import { letter } from './letters.js';

const CITIES = ['Gent', 'Brugge', 'Leuven', 'Mechelen'];
let orders = 0;
let letters = 0;

setInterval(() => {
  const id = ++orders;
  // Every third order is of a shop that had one before.
  const shop = id % 3 ? id : Math.max(1, id - ((id * 7) % 900));
  letters += letter(shop, { name: `Customer ${id}`, city: CITIES[id % 4], cents: (id * 397) % 9000 }).length;
}, 30);
console.log('ready');
