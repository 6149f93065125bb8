'use strict';
const { Pool } = require('pg');
const { serve } = require('./postgres');
const { revenue } = require('./revenue');

serve((port) => {
  const pool = new Pool({ host: '127.0.0.1', port, user: 'reports', database: 'shops', max: 3 });
  let n = 0;
  let cents = 0;
  setInterval(async () => {
    const articles = Array.from({ length: 28 }, (_, at) => 1000 + ((++n * 7 + at) % 90_000));
    try {
      cents += await revenue(pool, n % 30, articles);
    } catch (error) {
      console.error(error.message);
    }
  }, 5);
  console.log('ready');
});
