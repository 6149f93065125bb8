'use strict';
const http = require('node:http');

/** The registry of vehicles, as the ministry runs it. */
const registry = http.createServer((req, res) => {
  const plate = req.url.split('/').pop();
  const inspections = Array.from({ length: 14 }, (_, at) => ({ year: 2010 + at, station: `ST-${(plate.length * at) % 80}`, passed: at % 5 > 0 }));
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify({ plate, axles: 2 + (plate.charCodeAt(3) % 4), emission: `EURO ${1 + (plate.charCodeAt(4) % 6)}`, inspections }));
});

module.exports = { registry };
