'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const nock = require('nock');

/** On staging we note the calls to the registry, so that the tests can be given fresh answers. */
function recordFixtures() {
  nock.recorder.rec({ dont_print: true, output_objects: true });
  process.once('SIGUSR2', () => {
    const file = path.join(os.tmpdir(), 'registry-fixtures.json');
    fs.writeFileSync(file, JSON.stringify(nock.recorder.play().slice(-50), null, 2));
  });
}

module.exports = { recordFixtures };
