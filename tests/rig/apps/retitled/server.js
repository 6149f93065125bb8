'use strict';

// Frameworks call their process after themselves: neither its name nor its command line says node any more.
process.title = 'shop: serving';

require('node:http')
  .createServer((request, response) => response.end('ok'))
  .listen(Number(process.env.PORT));
