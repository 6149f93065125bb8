'use strict';
const { PassThrough } = require('stream');

// Anyone who wants the audit trail reads this stream.
const trail = new PassThrough({ objectMode: true, highWaterMark: 16 });

function record(action, subject) {
  trail.write({ action, subject, at: new Date() });
}

module.exports = { trail, record };
