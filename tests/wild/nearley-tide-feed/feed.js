'use strict';
const { Grammar, Parser } = require('nearley');
const { grammar } = require('./grammar');

/** Reads the feed of the tide gauges, which comes in pieces and has no end. */
function reader(onReport) {
  const parser = new Parser(Grammar.fromCompiled(grammar(onReport)));
  return (piece) => parser.feed(piece);
}

module.exports = { reader };
