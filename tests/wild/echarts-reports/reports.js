'use strict';
const { rainfall } = require('./charts');

const STATIONS = ['Bergen', 'Narvik', 'Voss', 'Alta', 'Florø'];
let asked = 0;
let bytes = 0;

function report(station, week) {
  const days = Array.from({ length: 7 }, (_, day) => ({ day: `${week}-${day + 1}`, millimetres: (week * 13 + day * 29) % 47 }));
  const svg = rainfall(station, days);
  return `<article><h1>${station}</h1>${svg}</article>`;
}

// One report after the other, as the readers ask for them.
setInterval(() => {
  asked++;
  bytes += report(STATIONS[asked % STATIONS.length], asked % 52).length;
}, 150);
console.log('ready');
