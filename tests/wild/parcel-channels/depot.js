'use strict';
const { announce } = require('./announce');
const { serve } = require('./broker');

const KINDS = ['arrived', 'sorted', 'loaded', 'delivered'];

serve((port) => {
  const url = `amqp://depot:depot@127.0.0.1:${port}`;
  let scans = 0;
  setInterval(async () => {
    const scan = ++scans;
    try {
      await announce(url, `P${100_000 + (scan >> 2)}`, { kind: KINDS[scan % 4], at: Date.now(), belt: scan % 7 });
    } catch (error) {
      console.error(error.message);
    }
  }, 22);
  console.log('ready');
});
