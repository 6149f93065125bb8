'use strict';
const { remind } = require('./reminders');

let patient = 0;
let sent = 0;

setInterval(() => {
  for (let n = 0; n < 2; n++) {
    patient++;
    const before = Array.from({ length: 60 }, (_, at) => ({ year: 1965 + at, room: `room ${(patient + at) % 14}`, minutes: 10 + (at % 35) }));
    const visit = { patient, phone: patient % 2 ? `+47 900 ${patient % 1000}` : '', room: `room ${patient % 14}`, at: Date.now() + 86_400_000, before };
    remind(visit).then(() => sent++);
  }
}, 20);
console.log('ready');
