'use strict';
const ratelimit = require('koa-ratelimit');

const readers = new Map();

/** Nobody asks for more than thirty pages in five seconds. */
module.exports = ratelimit({
  driver: 'memory',
  db: readers,
  duration: 5000,
  max: 30,
  id: (ctx) => ctx.get('x-reading-ticket'),
  disableHeader: false,
});
