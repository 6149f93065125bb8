// node toolkit.mjs A B      heap-snapshot-toolkit's comparison: an older DevTools engine, on one thread
import {createReadStream} from 'node:fs';
import {diff, parse} from 'heap-snapshot-toolkit';

const [base, target] = process.argv.slice(2).map(file => parse(createReadStream(file, 'utf-8')));
process.stdout.write(`${Object.keys(await diff(await base, await target)).length}\n`);
