'use strict';

// A shop on several dynos, each with a fate of its own: web.2 and web.5 leak alike, web.7 differently, web.4 is large and well.
const http = require('node:http');

const number = Number(process.env.DYNO.split('.')[1]);

class Visit {
  constructor(at) {
    this.at = at;
    this.pages = [`page ${at}`, `page ${at + 1}`];
  }
}

const visits = [];
const baskets = [];

function remember(at) {
  visits.push(new Visit(at));
}

function fill(at) {
  baskets.push({ at, items: [{ price: at }, { price: at + 1 }] });
}

// What is resident tells them apart, and a snapshot of it is small.
const ballast = Buffer.alloc([2, 4, 5, 7].includes(number) ? 64 << 20 : 0, 1);

// Some 250 kB a second, and no more than a machine bears that runs eight of these.
const act = { 2: remember, 5: remember, 7: fill }[number] ?? (() => {});
let at = 0;
setInterval(() => {
  for (let done = 0; done < 50 && at < 600_000; done += 1) act((at += 1));
}, 50);

http.createServer((request, response) => response.end(`ok ${ballast.length}`)).listen(Number(process.env.PORT));
