'use strict';
const log = require('npmlog');

/** All that was said about a build, to be read by who broke it. */
function report(commit) {
  const from = log.record.findLastIndex(({ message }) => message.includes(commit));
  return log.record.slice(Math.max(0, from - 80)).map(({ level, prefix, message }) => `${level} ${prefix} ${message}`);
}

module.exports = { report };
