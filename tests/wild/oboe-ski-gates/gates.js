'use strict';
const http = require('node:http');

const LIFTS = ['Hochjoch', 'Valisera', 'Sennigrat', 'Versettla'];

/** The gates of the lifts write down who goes through: one array that is open as long as the resort is. */
function open(ready) {
  const server = http.createServer((req, res) => {
    let number = 0;
    res.writeHead(200, { 'content-type': 'application/json' });
    res.write('[');
    const writing = setInterval(() => {
      for (let k = 0; k < 14; k++) {
        const at = ++number;
        const checks = Array.from({ length: 4 }, (_, step) => ({ gate: (at + step) % 6, signal: 40 + ((at * step) % 55), accepted: at % 37 !== 0 }));
        const passage = { pass: `AT-${at % 9000}`, lift: LIFTS[at % 4], kind: at % 5 ? 'day' : 'season', checks };
        res.write((at > 1 ? ',' : '') + JSON.stringify(passage));
      }
    }, 30);
    res.on('close', () => clearInterval(writing));
  });
  server.listen(0, '127.0.0.1', () => ready(`http://127.0.0.1:${server.address().port}/passages`));
}

module.exports = { open };
