'use strict';
const pgp = require('pg-promise')({ noWarnings: true });

const SETTINGS = { host: '127.0.0.1', port: 1, database: 'gardens', user: 'web', password: 'web' };

/** The beds of a garden; none while the database is not there. */
async function beds(garden) {
  const db = pgp({ ...SETTINGS, application_name: `garden-${garden}` });
  try {
    return await db.any('select * from beds where garden = $1', [garden]);
  } catch {
    return [];
  }
}

module.exports = { beds };
