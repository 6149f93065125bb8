'use strict';
const http = require('http');
const { hold } = require('./reservations');

const server = http.createServer((req, res) => {
  const [, seat, customer] = req.url.split('/');
  const reservation = hold(seat, { id: customer, email: `${customer}@example.com` });
  // most people pay at once
  reservation.release();
  res.end(`seat ${reservation.seat} is yours`);
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
