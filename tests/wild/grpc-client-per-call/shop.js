'use strict';
const { serve, left } = require('./stock');

serve((port) => {
  let article = 0;
  let soldOut = 0;
  setInterval(async () => {
    const pieces = await left(port, ++article).catch(() => undefined);
    if (pieces === 0) soldOut++;
  }, 35);
  console.log('ready');
});
