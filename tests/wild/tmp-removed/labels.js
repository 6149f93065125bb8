'use strict';
const fs = require('node:fs');
const tmp = require('tmp');

let bytes = 0;

/** Prints a label: the printer takes files only. */
function print(label) {
  const file = tmp.fileSync({ prefix: `label-${label.parcel}-`, postfix: '.zpl' });
  fs.writeSync(file.fd, `^XA^FD${label.parcel} ${label.street}^FS^XZ`);
  bytes += fs.fstatSync(file.fd).size;
  file.removeCallback();
}

module.exports = { print };
