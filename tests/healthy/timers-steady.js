'use strict';
// Five hundred intervals, all from the beginning.
const lamps = Array.from({ length: 500 }, (_, id) => ({ id, on: false, switched: 0 }));
for (const lamp of lamps) {
  setInterval(() => {
    lamp.on = !lamp.on;
    lamp.switched++;
  }, 200 + lamp.id);
}
console.log('ready');
