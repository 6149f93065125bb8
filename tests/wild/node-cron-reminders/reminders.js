'use strict';
const cron = require('node-cron');

let sent = 0;

function remind(appointment) {
  return cron.schedule('0 8 * * *', () => {
    sent += appointment.people.length;
  });
}

function forget(reminder) {
  reminder.stop();
}

module.exports = { remind, forget };
