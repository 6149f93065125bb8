'use strict';
const { fetch } = require('undici');

// Whether a link of a page leads somewhere.
async function check(link) {
  try {
    const answer = await fetch(link, { signal: AbortSignal.timeout(2000) });
    await answer.text();
    return answer.ok;
  } catch {
    return false;
  }
}

module.exports = { check };
