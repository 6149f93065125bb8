'use strict';
const { Pool } = require('pg');

let broken = 0;

function open(port) {
  return new Pool({ host: '127.0.0.1', port, user: 'bank', database: 'bank', max: 4 });
}

async function transfer(pool, order) {
  const client = await pool.connect();
  client.on('error', (error) => {
    broken++;
    console.error(`transfer from ${order.from}: ${error.message}`);
  });
  try {
    await client.query('BEGIN');
    await client.query(`UPDATE accounts SET cents = cents - ${order.cents} WHERE id = ${order.from}`);
    await client.query(`UPDATE accounts SET cents = cents + ${order.cents} WHERE id = ${order.to}`);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

module.exports = { open, transfer };
