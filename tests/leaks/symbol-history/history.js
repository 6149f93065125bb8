'use strict';
const kHistory = Symbol('history');

class Visit {
  constructor(method, url) {
    this.method = method;
    this.path = url.split('/');
  }
}

function remember(server, method, url) {
  server[kHistory] ??= [];
  server[kHistory].push(new Visit(method, url));
}

module.exports = { remember };
