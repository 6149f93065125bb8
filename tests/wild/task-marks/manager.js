'use strict';
const { poll } = require('./poller');

let done = 0;
async function due() {
  return Array.from({ length: 3 + (done % 4) }, (_, at) => ({ id: done + at }));
}

setInterval(async () => {
  for (let n = 0; n < 8; n++) done += (await poll(due)).length;
}, 10);
console.log('ready');
