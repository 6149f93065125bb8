'use strict';
const mysql = require('mysql2/promise');
const { serve } = require('./database');
const { week } = require('./week');

serve((port) => {
  const pool = mysql.createPool({ host: '127.0.0.1', port, user: 'mill', database: 'mill', connectionLimit: 3 });
  let monday = Date.UTC(1960, 0, 4);
  let sum = 0;
  setInterval(async () => {
    monday += 86_400_000;
    try {
      sum += (await week(pool, monday)).reduce((a, b) => a + b, 0);
    } catch (error) {
      console.error(error.message);
    }
  }, 22);
  console.log('ready');
});
