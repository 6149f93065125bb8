'use strict';

// Under pm2's cluster mode the daemon owns the port. The second instance leaks: few objects and large ones, of which a snapshot is
// quick on a busy machine as well.
const http = require('node:http');

const kept = [];
if (process.env.NODE_APP_INSTANCE === '1') {
  const keep = () => kept.push(Buffer.alloc(1 << 20, 'kept').toString('latin1'));
  for (let time = 0; time < 30; time += 1) keep();
  setInterval(keep, 2000);
}

http.createServer((request, response) => response.end('ok')).listen(Number(process.env.PORT));
