'use strict';
const { PubSub } = require('graphql-subscriptions');

const pubsub = new PubSub();

// What an order comes to, told once.
async function outcome(order) {
  const events = pubsub.asyncIterator([`PAID.${order}`, `CANCELLED.${order}`, `EXPIRED.${order}`]);
  const { value } = await events.next();
  return value;
}

function paid(order, amount) {
  return pubsub.publish(`PAID.${order}`, { order, state: 'paid', amount, at: new Date() });
}

module.exports = { outcome, paid };
