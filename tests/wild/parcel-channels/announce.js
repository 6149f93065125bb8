'use strict';
const amqp = require('amqplib');

let connecting;

function connection(url) {
  connecting ??= amqp.connect(url);
  return connecting;
}

/** Tells the other services what has happened to a parcel. */
async function announce(url, parcel, event) {
  const connected = await connection(url);
  const channel = await connected.createChannel();
  await channel.assertExchange('parcels', 'topic', { durable: true });
  channel.publish('parcels', `parcel.${event.kind}`, Buffer.from(JSON.stringify({ parcel, ...event })), { persistent: true });
}

module.exports = { announce };
