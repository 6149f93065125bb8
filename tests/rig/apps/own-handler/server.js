'use strict';

// Takes SIGUSR1 for itself, so that no signal opens the inspector, and tells how many came.
let signals = 0;
process.on('SIGUSR1', () => {
  signals += 1;
});

require('node:http')
  .createServer((request, response) => response.end(request.url === '/signals' ? String(signals) : 'ok'))
  .listen(Number(process.env.PORT));
