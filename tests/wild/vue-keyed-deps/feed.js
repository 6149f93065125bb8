'use strict';
const { arrived, left, banner } = require('./board');

// Parcels come in by the thousand; each is on the board for a moment.
let parcel = 0;
const here = [];
setInterval(() => {
  for (let n = 0; n < 8; n++) {
    const id = `parcel-${++parcel}`;
    arrived(id, { bay: parcel % 12, grams: 200 + (parcel % 900) });
    here.push(id);
    if (banner().length === 0) throw new Error('the board is empty');
  }
  while (here.length > 100) left(here.shift());
}, 10);
console.log('ready');
