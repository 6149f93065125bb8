'use strict';
const memoize = require('lodash.memoize');

function score(profile) {
  const interests = profile.interests.map((name, rank) => ({ name, weight: 1 / (rank + 1) }));
  return { user: profile.id, interests, best: interests[0].name };
}

const recommend = memoize(score);

module.exports = { recommend };
