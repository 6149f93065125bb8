'use strict';

const KINDS = ['clock', 'chair', 'print', 'vase', 'violin'];

/** What the catalogue has about a lot. */
function catalogue(number) {
  const kind = KINDS[number % KINDS.length];
  const photos = Array.from({ length: 6 }, (_, n) => ({ url: `https://photos.example/${number}/${n}.jpg`, width: 1600, height: 900 + n * 20 }));
  const owners = Array.from({ length: 4 }, (_, n) => ({ from: 1850 + n * 40 + (number % 30), place: `Estate ${(number * 7 + n) % 900}` }));
  return { number, title: `A ${kind}, no. ${number}`, estimate: [800 + (number % 40) * 50, 2000 + (number % 40) * 90], photos, owners, highest: 0 };
}

module.exports = { catalogue };
