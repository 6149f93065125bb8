'use strict';
// Looks for work every two seconds; there is none.
const fs = require('node:fs/promises');
const os = require('node:os');

let looked = 0;
setInterval(async () => {
  const names = await fs.readdir(os.tmpdir());
  if (names.includes(`work-for-${process.pid}`)) console.log('work');
  looked++;
}, 2000);
console.log('ready');
