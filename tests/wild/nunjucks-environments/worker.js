'use strict';
const { render } = require('./render');

const LOCALES = [['de-CH', 'CHF'], ['fr-FR', 'EUR'], ['en-GB', 'GBP']];
let number = 0;
let letters = 0;
setInterval(() => {
  for (let n = 0; n < 2; n++) {
    const [locale, currency] = LOCALES[++number % 3];
    letters += render('invoice.njk', { name: `Customer ${number}`, locale, currency }, { number, cents: number * 25 }).length;
  }
}, 20);
console.log('ready');
