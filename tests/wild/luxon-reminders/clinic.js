'use strict';
const { DateTime } = require('luxon');
const { reminder, visitOf } = require('./letters');

const LANGUAGES = ['en', 'sv', 'nl'];
let asked = 0;
let letters = 0;

setInterval(() => {
  for (let n = 0; n < 5; n++) {
    asked++;
    const visit = { patient: `Patient ${asked % 900}`, doctor: `Dr ${asked % 11}`, language: LANGUAGES[asked % 3], visit: visitOf(asked % 9, (asked % 32) * 15) };
    letters += reminder(visit, DateTime.local().plus({ milliseconds: n })).length;
  }
}, 10);
console.log('ready');
