'use strict';
const { setTimeout: rest } = require('node:timers/promises');
const { said } = require('./dates');

const CITIES = ['Genève', 'Lausanne', 'Lyon', 'Annecy'];
const START = Date.UTC(2026, 2, 1);

async function main() {
  let letters = 0;
  console.log('ready');
  for (let n = 1; ; n++) {
    const dear = `Rendez-vous ${n} : ${said(START + n * 60_000, CITIES[n % CITIES.length])}`;
    letters += dear.length;
    if (n % 2 === 0) await rest(5);
  }
}

main();
