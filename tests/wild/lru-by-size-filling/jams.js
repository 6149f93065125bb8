import { labelOf } from './labels.js';

const FRUITS = ['quince', 'plum', 'rhubarb', 'cloudberry', 'apple', 'pear'];
let boiled = 0;
let letters = 0;

setInterval(() => {
  boiled++;
  const contents = FRUITS.map((fruit, at) => ({ fruit, percent: ((boiled * 7 + at * 13) % 400) / 10 }));
  letters += labelOf({ batch: Math.floor(boiled / 144), number: boiled % 144, contents }).length;
  // Somebody reads one of before again.
  const again = Math.max(1, boiled - ((boiled * 31) % 500));
  letters += labelOf({ batch: Math.floor(again / 144), number: again % 144, contents }).length;
}, 10);
console.log('ready');
