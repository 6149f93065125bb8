'use strict';

require('node:http')
  .createServer((request, response) => response.end('ok'))
  .listen(Number(process.env.PORT));
