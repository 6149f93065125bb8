import readline from 'node:readline';
import { Hooks } from './hooks';

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  Hooks.register(line, (value) => value.length > line.length);
  console.log('registered');
});
