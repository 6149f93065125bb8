'use strict';
const { setTimeout: rest } = require('node:timers/promises');
const { open } = require('./readings');

function* slot() {
  for (let id = 1; ; id++) yield { id, meter: `M-${id % 900}`, litres: (id * 7919) % 480, remark: id % 10 === 0 ? `read by hand, ${id}` : null };
}

async function main() {
  const reading = await open();
  const today = new Map();
  console.log('ready');
  let n = 0;
  for (const row of slot()) {
    const { meter, litres } = reading(row);
    today.set(meter, (today.get(meter) ?? 0) + litres);
    if (++n % 5 === 0) await rest(5);
  }
}

main();
