'use strict';
const os = require('node:os');
const path = require('node:path');
const Datastore = require('@seald-io/nedb');

const shifts = new Datastore({
  filename: path.join(process.env.DATA_DIR ?? os.tmpdir(), 'rota', 'shifts.db'),
  timestampData: true,
});

module.exports = { shifts };
