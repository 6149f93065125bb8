'use strict';
const { css } = require('@emotion/css');

const frame = css({ padding: 8, border: '1px solid #ccc', borderRadius: 4 });

function page(album) {
  const cover = css({
    backgroundImage: `url(https://images.example.org/covers/${album}/large.jpg)`,
    backgroundSize: 'cover',
    width: 320,
    height: 320,
  });
  return `<div class="${frame}"><div class="${cover}"></div><h1>${album}</h1></div>`;
}

module.exports = { page };
