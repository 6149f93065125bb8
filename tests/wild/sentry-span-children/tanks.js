'use strict';
const Sentry = require('@sentry/node');

const tanks = Array.from({ length: 24 }, (_, number) => ({ number, celsius: 12, readings: 0 }));

function read(tank) {
  return Sentry.startSpan({ name: `read tank ${tank.number}`, op: 'sensor' }, () => {
    tank.celsius = 11 + ((tank.readings++ * 7) % 20) / 10;
    return tank.celsius;
  });
}

module.exports = { tanks, read };
