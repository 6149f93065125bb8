import { Filter } from './filter.js';

const BOOKS = Array.from({ length: 400 }, (_, number) => ({ number, year: 1900 + (number % 120), shelf: number % 40, title: `Book ${number}` }));
const SUBJECTS = ['botany', 'tides', 'glass', 'maps', 'bees', 'bridges', 'ink', 'peat'];
let asked = 0;
let found = 0;

setInterval(() => {
  for (let n = 0; n < 8; n++) {
    asked++;
    const words = Array.from({ length: 20 }, (_, at) => `${SUBJECTS[(asked + at) % 8]}-${(asked * 31 + at * 17) % 9973}`);
    const filter = Filter.of({ reader: `reader-${asked % 700}`, from: 1900 + (asked % 90), words });
    found += BOOKS.filter((book) => filter.matches(book)).length;
  }
}, 10);
console.log('ready');
