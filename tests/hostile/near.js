// An app near one of its limits: `node near.js KIND LEFT`. It leaks a little and beats, so that a hunt has something to find;
// when it is as near as it was asked to be it says so on stdout. What it is near to:
//   files, sockets, pipes, dgram   descriptors, held by each; LEFT of them are free (run it under `ulimit -n`)
//   workers, pool, cluster         threads or processes; LEFT says how many are started
//   memory                         LEFT megabytes are held outside of the heap
//   none                           nothing
// WORLD in its environment makes its world hostile before that.
'use strict';
const { Buffer } = require('buffer');
const fs = require('fs');
const net = require('net');
const [kind = 'none', left = '0'] = process.argv.slice(2);

class Parcel {
  constructor(number) {
    this.number = number;
    this.text = `parcel ${number} ${'x'.repeat(200)}`;
  }
}
const depot = new Map();
let number = 0;
setInterval(() => {
  for (let i = 0; i < 40; i++) depot.set(number, new Parcel(number++));
}, 25);

const held = [];
const ready = () => stdout.write('ready\n');

// Takes every descriptor there is, in the given way, and gives LEFT of them back. The last of them are plain files: a
// socket takes two, and a child's pipes three.
const fill = (take) => {
  const files = [];
  const plain = () => {
    try {
      for (;;) files.push(fs.openSync('/dev/null'));
    } catch {
      for (let i = 0; i < Number(left); i++) fs.closeSync(files.pop());
      held.push(files);
      ready();
    }
  };
  take(plain);
};

// What a program may do to the world in which a debugger's code runs.
const worlds = {
  frozen() {
    Object.freeze(process);
    Object.freeze(globalThis);
  },
  frozenFiles: () => Object.freeze(fs),
  polluted() {
    Object.prototype.value = 1;
    Object.prototype.extra = function () {};
  },
  deleted() {
    for (const name of ['binding', '_linkedBinding', 'getBuiltinModule']) delete process[name];
    delete globalThis.process;
    delete globalThis.Buffer;
  },
  stubbed() {
    const inspector = require('inspector');
    inspector.close = inspector.open = () => {};
    inspector.url = () => undefined;
  },
};
const { WORLD: world, MOST = '40' } = process.env;
const { stdout } = process;
const most = Math.max(0, Math.floor(Number(MOST)));
const ways = {
  none: ready,
  files: () => fill((done) => done()),
  sockets: () =>
    fill((done) => {
      const server = net.createServer((socket) => held.push(socket)).listen(0, '127.0.0.1', () => {
        let connected = 0;
        for (let i = 0; i < most / 2; i++) {
          const socket = net.connect(server.address().port, '127.0.0.1', () => ++connected === most / 2 && setTimeout(done, 50));
          socket.on('error', () => {});
          held.push(socket);
        }
      });
    }),
  pipes: () =>
    fill((done) => {
      const { spawn } = require('child_process');
      for (let i = 0; i < most / 6; i++) held.push(spawn('sleep', ['600'], { stdio: 'pipe' }));
      setTimeout(done, 100);
    }),
  dgram: () =>
    fill((done) => {
      const dgram = require('dgram');
      let bound = 0;
      for (let i = 0; i < most; i++) {
        const socket = dgram.createSocket('udp4');
        socket.bind(0, '127.0.0.1', () => ++bound === most && done());
        held.push(socket);
      }
    }),
  workers: () => {
    const { Worker } = require('worker_threads');
    let online = 0;
    for (let i = 0; i < Number(left); i++) {
      const worker = new Worker('setInterval(() => {}, 1000)', { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } });
      worker.on('online', () => ++online === Number(left) && ready());
      worker.on('error', () => {});
      held.push(worker);
    }
  },
  pool: () => {
    // libuv's own threads: as many as UV_THREADPOOL_SIZE, started when there is work for the first.
    fs.stat('/', ready);
  },
  cluster: () => {
    const cluster = require('cluster');
    if (!cluster.isPrimary) return ready();
    // A worker's inspector has the port after its primary's, and there is none after 0.
    cluster.setupPrimary({ execArgv: [] });
    let online = 0;
    for (let i = 0; i < Number(left); i++) cluster.fork().on('online', () => ++online === Number(left) && ready());
  },
  memory: () => {
    for (let i = 0; i < Number(left); i++) held.push(Buffer.alloc(1 << 20, 1));
    ready();
  },
};
const way = ways[kind];
if (world) worlds[world]();
way();
