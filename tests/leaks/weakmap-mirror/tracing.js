'use strict';

// Notes about a request, without touching the request itself.
const notes = new WeakMap();

class Trace {
  constructor(url) {
    this.url = url;
    this.spans = [];
  }

  span(name) {
    this.spans.push({ name, at: process.hrtime.bigint() });
  }
}

function trace(request) {
  let found = notes.get(request);
  if (!found) {
    found = new Trace(request.url);
    notes.set(request, found);
  }
  return found;
}

module.exports = { trace };
