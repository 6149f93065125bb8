'use strict';
const { logger } = require('./log');
const { declare } = require('./customs');

const log = logger('freight');
let id = 70_000;
let duties = 0;

setInterval(async () => {
  const lines = Array.from({ length: 6 }, (_, line) => ({ code: 8400 + line, cents: 1900 * (line + 1) }));
  duties += await declare({ id: ++id, lines });
}, 60);
setInterval(() => log.info('duties', { duties }), 2000);
console.log('ready');
