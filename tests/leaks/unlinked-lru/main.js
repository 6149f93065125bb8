'use strict';
const readline = require('readline');
const { Lru } = require('./lru');

const avatars = new Lru(50);

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  if (!avatars.get(line)) avatars.set(line, { svg: `<svg>${line}</svg>`, colors: [1, 2] });
  console.log('drawn');
});
