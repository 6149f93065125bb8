'use strict';
const got = require('got');

/** Quotes may be as old as their headers allow. */
const insurers = got.extend({ cache: new Map(), retry: 0, timeout: 2000, responseType: 'json' });

async function quote(url) {
  try {
    const { body } = await insurers(url);
    return body.cents;
  } catch {
    // Who does not answer is left out of the comparison.
    return undefined;
  }
}

module.exports = { quote };
