'use strict';
const { remind, forget } = require('./reminders');

let next = 0;
const planned = [];
setInterval(() => {
  for (let n = 0; n < 6; n++) {
    const appointment = { id: ++next, room: `B${next % 40}`, people: Array.from({ length: 6 }, (_, at) => `person-${next}-${at}@example.org`) };
    planned.push(remind(appointment));
  }
  // Appointments are moved and cancelled all the time.
  while (planned.length > 60) forget(planned.shift());
}, 30);
console.log('ready');
