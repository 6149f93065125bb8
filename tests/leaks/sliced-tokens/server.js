'use strict';
const http = require('http');

class VisitLog {
  #visits = [];

  add(page) {
    // the page's title is enough
    const start = page.indexOf('<title>') + 7;
    this.#visits.push(page.slice(start, page.indexOf('</title>')));
  }

  get size() {
    return this.#visits.length;
  }
}

const log = new VisitLog();

function render(id) {
  const rows = Array.from({ length: 60 }, (_, k) => `<tr><td>${id}</td><td>row ${k}</td></tr>`);
  return ['<html><title>Statistics of department ', id, '</title>', ...rows, '</html>'].join('');
}

const server = http.createServer((req, res) => {
  const page = render(req.url.slice(1));
  log.add(page);
  res.end(page);
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
