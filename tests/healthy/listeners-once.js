'use strict';
// Listeners that come and go with what they wait for.
const { EventEmitter, once } = require('node:events');

const bus = new EventEmitter();
bus.setMaxListeners(0);
let done = 0;

async function work(id) {
  const [result] = await once(bus, `done:${id}`);
  done += result.length;
}

let id = 0;
setInterval(() => {
  for (let k = 0; k < 10; k++) {
    work(++id);
    setTimeout((id) => bus.emit(`done:${id}`, `result of ${id}`), 300, id);
  }
}, 50);
console.log('ready');
