'use strict';
const readline = require('readline');

const recent = new Array(300).fill(null);
let position = 0;

const perKind = {};

function note(entry) {
  recent[position++ % recent.length] = entry;
  perKind[entry.kind] = (perKind[entry.kind] ?? 0) + 1;
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const entry = JSON.parse(line);
  note({ ...entry, at: new Date(), text: `event ${entry.id} of kind ${entry.kind}` });
  console.log('noted');
});
