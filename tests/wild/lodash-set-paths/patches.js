'use strict';
const set = require('lodash.set');

/** What changed in a match, as one tree for those who watch. */
function patch(match, changes) {
  const tree = {};
  for (const { player, field, value } of changes) {
    set(tree, `matches.m${match}.players.p${player}.${field}`, value);
  }
  return tree;
}

module.exports = { patch };
