import { nextBooking } from './bookings.js';
import { Reminders } from './reminders.js';

let sent = 0;
const reminders = new Reminders((booking) => {
  sent += 1;
  reminders.done(booking);
});

setInterval(() => reminders.add(nextBooking()), 14);
setInterval(() => console.log(`${reminders.size} waiting, ${sent} sent`), 30000);
console.log('ready');
