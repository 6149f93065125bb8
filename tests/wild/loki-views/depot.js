'use strict';
const Loki = require('lokijs');
const { openFor } = require('./drivers');

const db = new Loki('depot.db', { adapter: new Loki.LokiMemoryAdapter() });
const parcels = db.addCollection('parcels', { indices: ['zone'] });

for (let number = 1; number <= 3000; number++) {
  parcels.insert({ number, zone: number % 5, grams: (number * 37) % 9000, street: `${number % 120} Canal Street`, delivered: false });
}

let shift = 0;
let grams = 0;
setInterval(() => {
  // A driver looks at the screen: what is there still to do in the zone?
  grams += openFor(parcels, { driver: `driver-${++shift % 60}`, zone: shift % 5, shift })[0].grams;
}, 25);
console.log('ready');
