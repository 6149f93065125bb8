'use strict';
const { Engraving } = require('./engraving');

const engraving = new Engraving();
let orders = 0;
let hours = 0;

setInterval(async () => {
  const number = ++orders;
  const lines = Array.from({ length: 60 }, (_, at) => `${number}.${at}: to my dear no. ${(number * 7 + at) % 1000}`);
  const { minutes } = await engraving.minutes({ number, metal: number % 3 ? 'silver' : 'gold', lines });
  hours += minutes / 60;
}, 25);
console.log('ready');
