// node shop.mjs      writes the snapshots of shop/, mended/, idle/ and restarted/ beside this file
//
// A made-up app, small enough to be read: /app/shop.js keeps a Ticket for each request in a Map at module level. It is
// written as V8 writes a real one, so that every command has something to say of it.
import {mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Heap} from '../../../../heap/tests/fixtures/programs/writer.mjs';

const {link} = Heap;
const here = fileURLToPath(new URL('.', import.meta.url));
const text = readFileSync(join(here, 'app/shop.js'), 'utf8');
const SCRIPT = 77;

/** Where a snippet of the script begins, as V8 counts: from 0. */
function at(snippet) {
  const before = text.slice(0, text.indexOf(snippet));
  const lines = before.split('\n');
  return [SCRIPT, lines.length - 1, lines.at(-1).length];
}

/** Its heap after so many sales; after a restart all ids are others. */
function shop(sold, restarts = 0) {
  const heap = new Heap();
  const root = heap.add('synthetic', '', {size: 0});
  const global = link(root, 'shortcut', 'global', heap.add('object', 'global / ', {size: 48}));
  const roots = link(root, 'element', 1, heap.add('synthetic', '(GC roots)', {size: 0}));
  const strong = link(roots, 'element', 1, heap.add('synthetic', '(Strong roots)', {size: 0}));
  const process = link(global, 'property', 'process', heap.add('object', 'process', {size: 56}));

  const script = link(strong, 'element', 1, heap.add('code', '/app/shop.js', {size: 128}));
  link(script, 'internal', 'source', heap.add('string', text, {size: 2 * Math.ceil(text.length / 2) + 16}));
  link(script, 'internal', 'name', heap.add('string', '/app/shop.js', {size: 32}));

  const context = heap.add('object', 'system / Context', {size: 40});
  const closure = (name, snippet) => {
    const made = heap.add('closure', name, {size: 64, location: at(snippet)});
    link(made, 'internal', 'context', context);
    link(link(made, 'internal', 'shared', heap.add('code', name, {size: 56})), 'internal', 'script', script);
    return made;
  };
  const module = link(process, 'property', 'mainModule', heap.add('object', 'Module', {size: 96}));
  link(module, 'property', 'filename', heap.add('string', '/app/shop.js', {size: 32}));
  const exported = link(module, 'property', 'exports', heap.add('object', 'Object', {size: 56}));
  const sell = link(exported, 'property', 'sell', closure('sell', '(buyer)'));
  const Ticket = link(context, 'context', 'Ticket', closure('Ticket', '(number, buyer)'));
  link(link(Ticket, 'property', 'prototype', heap.add('object', 'Object', {size: 56})), 'property', 'constructor', Ticket);
  link(context, 'context', 'sell', sell);

  const tickets = link(context, 'context', 'tickets', heap.add('object', 'Map', {size: 32}));
  const table = link(tickets, 'internal', 'table', heap.add('array', '', {size: 16 + 24 * sold}));
  // Ids go up with time, and what is there stays what it is.
  for (let number = 0; number < sold; number++) {
    const id = 10001 + 10 * number + 500_002 * restarts;
    const ticket = heap.add('object', 'Ticket', {size: 40, id, location: at('(number, buyer)')});
    const lines = heap.add('object', 'Array', {size: 32, id: id + 2});
    link(ticket, 'property', 'buyer', heap.add('string', `buyer${number}@example.com`, {size: 40, id: id + 4}));
    link(link(ticket, 'property', 'lines', lines), 'internal', 'elements', heap.add('array', '', {size: 1616, id: id + 6}));
    link(table, 'internal', String(2 * number + 3), ticket);
  }
  return heap;
}

/** Writes 1.heapsnapshot, 2.heapsnapshot, … into a folder. */
function write(folder, heaps) {
  mkdirSync(join(here, folder), {recursive: true});
  heaps.forEach((heap, at) => heap.write(join(here, folder, `${at + 1}.heapsnapshot`)));
}

write('shop', [20, 40, 60, 80].map(sold => shop(sold)));
write('mended', [20, 22, 24, 26].map(sold => shop(sold)));
write('idle', [20, 20, 20].map(sold => shop(sold)));
write('restarted', [20, 40].map((sold, restarts) => shop(sold, restarts)));
