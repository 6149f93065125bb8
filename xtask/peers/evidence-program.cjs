'use strict';

// A web service that allocates as one does: JSON in and out, strings, closures, objects that live for some requests and for long.
// `POST /profile/N` runs the sampling profiler at that interval, as a hunt does between its snapshots; `POST /profile/0` ends it.
// `POST /processor` tells how many microseconds of the processor's time the process has had.
const http = require('node:http');
const { Session } = require('node:inspector');

const inspector = new Session();
inspector.connect();
const post = (method, params) => new Promise((done, fail) => {
  inspector.post(method, params, (error) => (error ? fail(new Error(error.message)) : done()));
});
let profiled = false;

async function profile(samplingInterval) {
  if (profiled) await post('HeapProfiler.stopSampling');
  // Each measurement begins with the same heap.
  await post('HeapProfiler.collectGarbage');
  profiled = samplingInterval > 0;
  if (profiled) await post('HeapProfiler.startSampling', { samplingInterval });
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
  const profiling = /^\/profile\/(\d+)$/.exec(request.url);
  if (profiling) {
    await profile(Number(profiling[1]));
    return response.end();
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
