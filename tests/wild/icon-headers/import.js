'use strict';
const { mkdir, writeFile } = require('node:fs/promises');
const path = require('node:path');
const { setTimeout: rest } = require('node:timers/promises');
const { same, take } = require('./icons');

async function main() {
  const folder = path.join(__dirname, 'icons');
  await mkdir(folder, { recursive: true });
  const files = [];
  for (let size = 0; size < 8; size++) {
    const icon = Buffer.alloc(5200 + size * 100, size + 1);
    icon.writeUInt16BE(16 << size, 16);
    icon.writeUInt16BE(16 << size, 20);
    files.push(path.join(folder, `${size}.ico`));
    await writeFile(files[size], icon);
  }
  let bytes = 0;
  let doubles = 0;
  console.log('ready');
  for (let n = 1; ; n++) {
    bytes += (await take(`icon ${n}`, files[n % 8])).bytes;
    if (n > 1 && same(`icon ${n}`, `icon ${n - 1}`)) doubles++;
    await rest(5);
  }
}

main();
