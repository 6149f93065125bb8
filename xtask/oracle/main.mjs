// node main.mjs facts < JOBS       one JSON line a job, {"files": [one or two], "out": "folder"}: everything the engine says of
//                                  each file, and of two the comparison; a job the engine fails at gets error.txt
// node main.mjs compare A B        the comparison alone, with DevTools' two threads a file: what the bench times
import {createInterface} from 'node:readline';
import {closeSync, mkdirSync, openSync, writeFileSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {compare, load, nodes, retainers, summary} from './engine.mjs';

// The engine lists unreachable nodes on the console.
console.log = console.warn = console.error = () => {};

const [command, ...files] = process.argv.slice(2);
if (command === 'facts') {
  for await (const line of createInterface({input: process.stdin})) {
    await facts(JSON.parse(line));
  }
} else if (command === 'compare' && files.length === 2) {
  const base = await load(files[0], {threads: 2});
  const target = await load(files[1], {threads: 2});
  const rows = compare(base, target).map(({added_ids, deleted_ids, ...row}) => row);
  process.stdout.write(JSON.stringify(rows) + '\n');
} else {
  process.stderr.write('usage: main.mjs facts < JOBS | main.mjs compare A B\n');
  process.exitCode = 2;
}

async function facts({files, out}) {
  mkdirSync(out, {recursive: true});
  try {
    const loaded = [];
    for (const [index, file] of files.entries()) {
      const snapshot = await load(file);
      writeFileSync(join(out, `${index + 1}.summary.json`), JSON.stringify(summary(snapshot)));
      lines(join(out, `${index + 1}.nodes.ndjson`), nodes(snapshot));
      lines(join(out, `${index + 1}.retainers.ndjson`), retainers(snapshot));
      loaded.push(snapshot);
    }
    if (loaded.length === 2) {
      lines(join(out, 'compare.ndjson'), compare(...loaded));
    }
  } catch (error) {
    writeFileSync(join(out, 'error.txt'), String(error?.stack ?? error));
  }
}

/** Writes records as lines, some thousand at a time: a node table can be longer than a string may be. */
function lines(file, records) {
  const descriptor = openSync(file, 'w');
  let pending = '';
  for (const record of records) {
    pending += JSON.stringify(record) + '\n';
    if (pending.length > 1_000_000) {
      writeSync(descriptor, pending);
      pending = '';
    }
  }
  writeSync(descriptor, pending);
  closeSync(descriptor);
}
