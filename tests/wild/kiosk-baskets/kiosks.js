import { createPinia } from 'pinia';
import { Visits } from './visits.js';

const visits = new Visits(createPinia());
let visit = 0;
let turnover = 0;

setInterval(() => {
  const id = `k${visit % 12}-${++visit}`;
  visits.start(id);
  let scanned = 0;
  const scanning = setInterval(() => {
    const number = visit * 31 + scanned;
    visits.scan(id, { sku: `A${number % 4000}`, name: `Article ${number % 4000}`, cents: 50 + (number % 900), vat: number % 3 ? 21 : 9 });
    if (++scanned < 10) return;
    clearInterval(scanning);
    turnover += visits.finish(id);
  }, 20);
}, 12);
console.log('ready');
