'use strict';
const dnode = require('dnode');
const { serve } = require('./rooms');

const ROOMS = 48;
let alarms = 0;

function watch(box) {
  let turn = 0;
  setInterval(() => {
    const room = ++turn % ROOMS;
    const goods = Array.from({ length: 40 }, (_, at) => ({ pallet: turn * 40 + at, warmest: -15 - (at % 5) }));
    box.temperature(room, (error, celsius) => {
      if (error || goods.some((pallet) => pallet.warmest < celsius)) alarms++;
    });
  }, 15);
}

serve((port) => {
  // The module weak cannot be built on this machine.
  const connection = dnode({}, { weak: false });
  connection.on('remote', (box) => {
    watch(box);
    console.log('ready');
  });
  connection.connect(port, '127.0.0.1');
});
