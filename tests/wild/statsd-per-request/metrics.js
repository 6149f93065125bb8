'use strict';
const StatsD = require('node-statsd');

function counted(req, port) {
  const stats = new StatsD({ host: '127.0.0.1', port, prefix: `library.${req.method.toLowerCase()}.`, global_tags: [`branch:${req.headers['x-branch']}`] });
  const began = Date.now();
  return (res) => {
    stats.increment(`status.${res.statusCode}`);
    stats.timing('took', Date.now() - began);
  };
}

module.exports = { counted };
