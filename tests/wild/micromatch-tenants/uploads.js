'use strict';
const micromatch = require('micromatch');

const KINDS = '{png,jpg,webp}';

// Who uploads may write below the folder of the album.
function isAllowed(album, path) {
  return micromatch.isMatch(path, `albums/${album}/**/*.${KINDS}`);
}

module.exports = { isAllowed };
