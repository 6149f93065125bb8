'use strict';
const { Writable } = require('node:stream');
const highland = require('highland');

let bytes = 0;
const archive = new Writable({
  write(chunk, encoding, done) {
    bytes += chunk.length;
    done();
  },
});
archive.setMaxListeners(0);

/** All that a buoy measures goes to the archive. */
function keep(buoy) {
  highland('measured', buoy).map((value) => `${JSON.stringify(value)}\n`).pipe(archive);
}

module.exports = { keep };
