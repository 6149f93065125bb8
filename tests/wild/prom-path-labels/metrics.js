'use strict';
const prom = require('prom-client');

const duration = new prom.Histogram({
  name: 'http_request_duration_seconds',
  help: 'How long a request took',
  labelNames: ['method', 'path', 'status'],
  buckets: [0.005, 0.05, 0.5, 5],
});

/** Times each request until its response is sent. */
function timed(req, res, next) {
  const end = duration.startTimer();
  res.on('finish', () => end({ method: req.method, path: req.path, status: res.statusCode }));
  next();
}

async function scrape(req, res) {
  res.type(prom.register.contentType).send(await prom.register.metrics());
}

module.exports = { timed, scrape };
