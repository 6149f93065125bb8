'use strict';
const Sentry = require('@sentry/node');
const { read, tanks } = require('./tanks');

Sentry.init({ dsn: 'http://key@127.0.0.1:9/1', tracesSampleRate: 0 });

let warmest = 0;
let next = 0;
Sentry.startSpan({ name: 'start the brewery' }, () => {
  setInterval(() => {
    for (let n = 0; n < 4; n++) warmest = Math.max(warmest, read(tanks[next++ % tanks.length]));
  }, 8);
});
console.log('ready');
