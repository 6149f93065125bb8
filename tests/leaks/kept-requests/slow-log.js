'use strict';

const slowLog = { threshold: 0, entries: [] };

function middleware(req, res, next) {
  const begun = process.hrtime.bigint();
  res.on('finish', () => {
    const took = process.hrtime.bigint() - begun;
    if (took > slowLog.threshold) slowLog.entries.push({ req, took });
  });
  next();
}

module.exports = { slowLog, middleware };
