'use strict';
const http = require('node:http');
const { Feed } = require('./feed');

const LIFTS = ['Rosskopf', 'Ratschings', 'Ladurns', 'Jochtal'];
const feed = new Feed();
const server = http.createServer((req, res) => feed.join(res));
let minute = 0;

setInterval(() => {
  minute++;
  feed.tell({ lift: LIFTS[minute % 4], open: minute % 7 !== 0, waiting: (minute * 5) % 40 });
}, 250);

server.listen(0, '127.0.0.1', () => {
  // A skier looks for a second, and puts the phone away.
  setInterval(() => {
    const asked = http.get({ host: '127.0.0.1', port: server.address().port, agent: false }, (res) => res.resume());
    asked.on('error', () => {});
    setTimeout(() => asked.destroy(), 1000);
  }, 350);
  console.log('ready');
});
