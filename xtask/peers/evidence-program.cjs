'use strict';

// A web service that allocates as one does: JSON in and out, strings, closures, objects that live for some requests and for long.
// `POST /start/KIND/INTERVAL` has V8 take a kind of evidence as a hunt does, and `POST /stop` ends it: both answer in JSON what the
// resident set is then, for how many milliseconds the service stood still for it, and how many bytes came of it.
// `POST /processor` tells how many microseconds of the processor's time the process has had.
const http = require('node:http');
const { Session } = require('node:inspector');

const inspector = new Session();
inspector.connect();
let bytes = 0;
inspector.on('HeapProfiler.addHeapSnapshotChunk', ({ params }) => (bytes += params.chunk.length));

/** Posts calls one after another. V8 does most before it returns, and a snapshot on newer Node.js as soon as nothing else runs. */
async function post(...calls) {
  let answer;
  const since = performance.now();
  for (const [method, params] of calls) {
    answer = await new Promise((done, fail) => {
      inspector.post(method, params, (error, result) => (error ? fail(new Error(error.message)) : done(result)));
    });
  }
  return { answer, pause: performance.now() - since };
}

const KINDS = {
  none: { start: () => [], stop: [] },
  sampling: {
    start: (samplingInterval) => [['HeapProfiler.startSampling', { samplingInterval }]],
    stop: [['HeapProfiler.stopSampling']],
  },
  cpu: {
    start: (interval) => [['Profiler.enable'], ['Profiler.setSamplingInterval', { interval }], ['Profiler.start']],
    stop: [['Profiler.stop']],
  },
  timeline: {
    start: () => [['HeapProfiler.startTrackingHeapObjects', { trackAllocations: true }]],
    stop: [['HeapProfiler.stopTrackingHeapObjects', { reportProgress: false }]],
  },
  heap: { start: () => [], stop: [['HeapProfiler.takeHeapSnapshot', { reportProgress: false }]] },
};
let running = 'none';

async function start(kind, interval) {
  // Each measurement begins with the same heap.
  await post(['HeapProfiler.collectGarbage']);
  running = kind;
  const { rss } = process.memoryUsage();
  const { pause } = await post(...KINDS[kind].start(interval));
  return { rss, pause, bytes: 0 };
}

async function stop() {
  bytes = 0;
  const { answer, pause } = await post(...KINDS[running].stop);
  const { rss } = process.memoryUsage();
  if (answer?.profile) bytes = JSON.stringify(answer.profile).length;
  return { rss, pause, bytes };
}

class Line {
  constructor({ item, quantity, cents }) {
    this.item = item.trim().toLowerCase();
    this.quantity = quantity;
    this.price = () => quantity * cents;
  }
}

// The last carts, of which each keeps what its requests have made.
const MOST_CARTS = 5000;
const carts = new Map();

function order({ customer, lines }) {
  const cart = carts.get(customer) ?? { customer, visits: 0, lines: [] };
  carts.delete(customer);
  carts.set(customer, cart);
  if (carts.size > MOST_CARTS) carts.delete(carts.keys().next().value);
  cart.visits += 1;
  cart.lines = [...cart.lines, ...lines.map((line) => new Line(line))].slice(-20);
  const total = cart.lines.map((line) => line.price()).reduce((sum, price) => sum + price, 0);
  const rows = cart.lines.map(({ item, quantity }, at) => ({ at, title: `${quantity} x ${item}`, tags: item.split(' ') }));
  return { customer, visits: cart.visits, total, rows, text: rows.map((row) => row.title).join('\n') };
}

let requests = 0;
const server = http.createServer(async (request, response) => {
  const [, act, kind, interval] = /^\/(start|stop)(?:\/(\w+)\/(\d+))?$/.exec(request.url) ?? [];
  if (act) {
    const told = JSON.stringify(await (act === 'start' ? start(kind, Number(interval)) : stop()));
    return response.writeHead(200, { 'content-length': told.length }).end(told);
  }
  if (request.url === '/processor') {
    const { user, system } = process.cpuUsage();
    return response.end(String(user + system));
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const { lines } = JSON.parse(body);
  const answer = JSON.stringify(order({ customer: `customer-${requests++ % 8000}`, lines }));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) }).end(answer);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
