'use strict';
const { channel, subscribe, unsubscribe } = require('node:diagnostics_channel');

const nameOf = (trip) => `bus/line-${trip.line}/trip-${trip.number}/doors`;

function opened(trip, stop) {
  const doors = channel(nameOf(trip));
  if (doors.hasSubscribers) doors.publish({ stop, line: trip.line });
}

/** At how many stops the doors were opened, while the trip is driven. */
function drive(trip) {
  let stops = 0;
  const count = () => stops++;
  subscribe(nameOf(trip), count);
  for (const stop of trip.stops) opened(trip, stop);
  unsubscribe(nameOf(trip), count);
  return stops;
}

module.exports = { drive };
