'use strict';
const http = require('http');
const { ValidationError, report } = require('./errors');

function validate(query) {
  for (const [field, value] of query) {
    if (!/^\d+$/.test(value)) throw new ValidationError(field, value);
  }
}

const server = http.createServer((req, res) => {
  try {
    validate(new URL(req.url, 'http://localhost').searchParams);
    res.end('ok');
  } catch (error) {
    report(error);
    res.writeHead(400).end(error.message);
  }
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
