'use strict';
const oboe = require('oboe');
const { open } = require('./gates');

const waiting = new Map();

function show(url) {
  oboe(url)
    .node('!.*', (passage) => {
      const { lift, checks } = passage;
      const accepted = checks.filter((check) => check.accepted).length;
      waiting.set(lift, 0.95 * (waiting.get(lift) ?? 0) + accepted);
    })
    .fail(() => setTimeout(show, 1000, url));
}

open((url) => {
  show(url);
  console.log('ready');
});
