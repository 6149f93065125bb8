'use strict';
const PouchDB = require('pouchdb-core').plugin(require('pouchdb-adapter-memory'));

const open = (ward) => new PouchDB(`ward-${ward}`, { adapter: 'memory' });

/** Which beds of a ward are free. */
async function freeBeds(ward) {
  const { beds } = await open(ward).get('beds');
  return beds.filter((bed) => !bed.patient).map((bed) => bed.number);
}

async function furnish(ward, count) {
  const beds = Array.from({ length: count }, (_, number) => ({ number, patient: number % 3 ? `P-${ward}-${number}` : null }));
  await open(ward).put({ _id: 'beds', beds });
}

module.exports = { freeBeds, furnish };
