'use strict';
const { ask, replies } = require('./broker');

let answered = 0;
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, lost } = JSON.parse(line);
  ask(id, () => answered++);
  if (!lost) replies.emit(`reply:${id}`, 'yes');
  console.log('asked');
});
