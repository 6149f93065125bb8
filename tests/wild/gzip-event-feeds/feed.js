'use strict';
const zlib = require('node:zlib');

/** News of the lifts and slopes, as events, for whoever has the page open. */
class Feed {
  readers = new Set();

  join(res) {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
    const reader = zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH });
    reader.pipe(res);
    this.readers.add(reader);
    res.on('close', () => reader.unpipe(res));
  }

  tell(news) {
    const event = `data: ${JSON.stringify(news)}\n\n`;
    for (const reader of this.readers) {
      if (!reader.writableNeedDrain) reader.write(event);
    }
  }
}

module.exports = { Feed };
