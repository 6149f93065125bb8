// node heap-program.cjs mixed|strings MEGABYTES A.heapsnapshot B.heapsnapshot
// node heap-program.cjs leaking MEGABYTES 1.heapsnapshot ... N.heapsnapshot
//
// A heap like that of a web service whose snapshot has about so many megabytes, and the same after a tenth of it went and
// half as much again came. With `leaking`, a snapshot after each of N rounds, in which a twentieth comes and goes, and
// sessions stay in a list. Deterministic: the same graph on each run.
'use strict';
const v8 = require('node:v8');

const [kind, megabytes, ...files] = process.argv.slice(2);
/** What the file has before the first unit, and what a unit of each kind adds, with Node.js 22. */
const EMPTY = 4e6;
const BYTES = {mixed: 6400, leaking: 6400, strings: 1100};

let state = 20260101;
const below = limit => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
};

class Session {
  constructor(number, account) {
    this.token = `session-${number}-${below(1e9)}`;
    this.account = account;
    this.startedAt = new Date(1.7e12 + number * 1000);
    this.onClose = reason => { this.closed = reason; account.sessions.delete(this); };
  }
}

class Request {
  constructor(number, session) {
    this.session = session;
    this.headers = {host: 'shop.example', accept: 'text/html', 'user-agent': `agent ${below(40)}`, cookie: `sid=${session.token}`};
    this.timing = {received: number + 0.25, sent: number + 0.75};
    this.spans = Array.from({length: 1 + below(5)}, (_, i) => ({name: `span ${below(300)}`, parent: i, tags: {status: `${200 + below(4)}`}}));
    this.next = null;
  }
}

class Account {
  constructor(number) {
    this.name = `account ${number}`;
    this.address = {street: `${below(200)} Main Street`, city: `city ${below(500)}`, country: {code: 'xy', known: true}};
    this.settings = new Map([['theme', below(2)], ['tags', new Set([`tag ${below(50)}`, number])], ['limits', [1.5, below(100)]]]);
    this.sessions = new Set();
    this.requests = [];
  }
}

const accounts = new Map();
const owners = new WeakMap();
let made = 0;
function mixed() {
  const account = new Account(made);
  for (let i = 1 + below(2); i > 0; i--) {
    const session = new Session(made * 4 + i, account);
    account.sessions.add(session);
    for (let k = 1 + below(3); k > 0; k--) account.requests.push(new Request(made * 16 + k, session));
  }
  account.requests.reduce((before, request) => (before.next = request));
  if (made % 10 === 0) owners.set(account, {since: `${made}`});
  if (made % 20 === 0) account.index = Object.fromEntries(account.requests.map((request, i) => [`request ${made} ${i}`, request]));
  if (made % 25 === 0) account.report = account.requests.map(request => request.session.token).join(';') + ` of ${account.name}`;
  accounts.set(made++, account);
}
function strings() {
  accounts.set(made, `${made} ${'lorem ipsum '.repeat(90)}${made}`.split('').join(''));
  made++;
}
const unit = {mixed, leaking: mixed, strings}[kind];

const units = Math.ceil((megabytes * 1e6 - EMPTY) / BYTES[kind]);
globalThis.accounts = accounts;
globalThis.owners = owners;
for (let i = 0; i < units; i++) unit();
if (kind === 'leaking') {
  const audit = [];
  globalThis.flush = () => audit.splice(0);
  for (const file of files) {
    const oldest = [...accounts.keys()].slice(0, units / 20);
    for (const number of oldest) accounts.delete(number);
    for (let i = 0; i < oldest.length; i++) unit();
    for (let i = 0; i < 1000; i++) audit.push(new Session(i, {name: `guest ${i}`, sessions: new Set()}));
    v8.writeHeapSnapshot(file);
  }
  process.exit();
}
const [first, second] = files;
v8.writeHeapSnapshot(first);
for (const number of [...accounts.keys()]) if (number % 10 === 3) accounts.delete(number);
for (let i = 0; i < units * 0.15; i++) unit();
v8.writeHeapSnapshot(second);
