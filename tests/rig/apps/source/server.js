'use strict';

// Answers with as many bytes as the path of a request says, as fast as they are taken, for measurements.
const chunk = Buffer.alloc(1 << 18, 'leakhunt ');

require('node:http')
  .createServer((request, response) => {
    let left = Number(request.url.slice(1));
    const more = () => {
      while (left > 0) {
        const piece = chunk.subarray(0, left);
        left -= piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  })
  .listen(Number(process.env.PORT ?? 7070), () => console.log('ready'));
