'use strict';
const log4js = require('log4js');

log4js.configure({
  appenders: {
    out: { type: 'stdout', layout: { type: 'basic' } },
    warnings: { type: 'logLevelFilter', appender: 'out', level: 'warn' },
    support: { type: 'recording' },
  },
  categories: { default: { appenders: ['warnings', 'support'], level: 'debug' } },
});

/** The last lines, for those who are on the phone with a customer. */
function lately(count = 50) {
  return log4js.recording().replay().slice(-count).map(({ startTime, level, data }) => `${startTime.toISOString()} ${level.levelStr} ${data.join(' ')}`);
}

module.exports = { logger: log4js.getLogger('api'), lately };
