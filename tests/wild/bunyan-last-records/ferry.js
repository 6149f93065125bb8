'use strict';
const { log, lastRecords } = require('./log');

let ticket = 0;
setInterval(() => {
  for (let n = 0; n < 3; n++) {
    ticket++;
    const passengers = Array.from({ length: 14 }, (_, at) => ({ seat: `${at}${'ABCD'[ticket % 4]}`, age: (ticket * 7 + at) % 90 }));
    log.info({ ticket, gate: ticket % 9, passengers }, `ticket ${ticket} was checked`);
  }
}, 12);

// Should something go wrong, the crew wants to see what was before.
process.on('SIGUSR2', () => console.log(lastRecords(50).map(({ msg }) => msg).join('\n')));
console.log('ready');
