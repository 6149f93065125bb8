import readline from 'node:readline';
import { Audit } from './audit.mjs';

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const [actor, action] = line.split(' ');
  console.log(`recorded ${Audit.record(actor, action)}`);
});
