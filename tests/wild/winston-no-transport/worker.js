'use strict';
const winston = require('winston');

// Charges subscriptions; the configuration of the logger was forgotten.
function charge({ id, cents }) {
  if (id % 5 === 0) throw new Error(`card of subscription ${id} was declined: ${'insufficient funds '.repeat(3)}`);
  return { id, cents, at: new Date() };
}

let id = 0;
setInterval(() => {
  for (let n = 0; n < 12; n++) {
    const subscription = { id: ++id, cents: 990, plan: 'monthly' };
    try {
      charge(subscription);
      winston.info('charged', { subscription });
    } catch (error) {
      winston.warn('not charged', { subscription, reason: error.stack });
    }
  }
}, 20);
console.log('ready');
