'use strict';
const http = require('http');
const { getEventListeners, setMaxListeners } = require('events');

const shutdown = new AbortController();
setMaxListeners(0, shutdown.signal);
process.on('SIGTERM', () => shutdown.abort());

class Download {
  constructor(url, signal) {
    this.url = url;
    this.parts = [];
    this.aborted = false;
    signal.addEventListener('abort', () => {
      this.aborted = true;
      this.parts.length = 0;
    });
  }

  run() {
    for (let k = 0; k < 10 && !this.aborted; k++) this.parts.push(`${this.url}#${k}`);
    return this.parts.length;
  }
}

const server = http.createServer((req, res) => {
  if (req.url === '/debug') return res.end(String(getEventListeners(shutdown.signal, 'abort').length));
  const download = new Download(req.url, shutdown.signal);
  res.end(`${download.run()} parts`);
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
