// Runs one program of the corpus under a given node and records its snapshots.
//
//     node run.mjs PROGRAM_FOLDER OUT_FOLDER NODE_BINARY
//
// The program is started as people start it; its traffic comes from outside, as truth.json says: HTTP requests, lines on
// stdin, or TCP connections that say a line and leave. After each round the recorder inside it takes a snapshot. OUT gets
// 1.heapsnapshot ... N.heapsnapshot and memory.json, a reading per snapshot.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const [program, out, node] = process.argv.slice(2);
const truth = JSON.parse(fs.readFileSync(path.join(program, 'truth.json'), 'utf8'));
const { entry, rounds = 6, traffic } = truth;

if (truth.build) {
  const esbuild = await import('esbuild');
  await esbuild.build({ absWorkingDir: path.resolve(program), platform: 'node', logLevel: 'error', ...truth.build });
}

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });

const app = spawn(node, [...(truth.flags ?? []), '--require', path.join(here, 'recorder.cjs'), entry], {
  cwd: program,
  stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
  env: { ...process.env, NODE_OPTIONS: '', PORT: '0' },
});
// Whatever becomes of the runner, the program does not outlive it.
process.on('exit', () => app.kill('SIGKILL'));
app.on('exit', (code, signal) => {
  console.error(`${entry} ended early: ${code ?? signal}`);
  process.exit(1);
});

/** Counts the program's output lines; `reached(pattern, n)` resolves at the n-th line that matches. */
const waiters = [];
let rest = '';
const lines = [];
app.stdout.setEncoding('utf8').on('data', (text) => {
  const parts = (rest + text).split('\n');
  rest = parts.pop();
  lines.push(...parts);
  for (const check of [...waiters]) check();
});
function reached(pattern, n) {
  return new Promise((resolve) => {
    const check = () => {
      const matches = lines.map((line) => line.match(pattern)).filter(Boolean);
      if (matches.length < n) return;
      waiters.splice(waiters.indexOf(check), 1);
      resolve(matches[n - 1]);
    };
    waiters.push(check);
    check();
  });
}

let i = 0; // numbers what arrives, through all rounds
const fill = (text, n) => text.replaceAll('{i}', n).replaceAll('{round}', round).replaceAll('{backlog}', traffic.backlog?.[round]).replaceAll(/\{i%(\d+)\}/g, (_, m) => n % m);
let round = 0;

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
function request(port, n) {
  const wanted = traffic.requests[n % traffic.requests.length];
  return new Promise((resolve, reject) => {
    const body = wanted.body ? fill(wanted.body, n) : wanted.bytes ? Buffer.alloc(wanted.bytes, n & 255) : undefined;
    const call = http.request(
      { agent, port, host: '127.0.0.1', method: wanted.method ?? 'GET', path: fill(wanted.path, n), headers: { 'content-type': 'application/json', 'content-length': body ? Buffer.byteLength(body) : 0 } },
      (answer) => answer.resume().on('end', resolve).on('error', reject),
    );
    call.on('error', (error) => {
      // The program closes a connection that was idle for 5 s, which a snapshot on a busy machine takes. What was sent on it
      // meanwhile was not heard, and is said again (https://nodejs.org/api/http.html#requestreusedsocket).
      if (call.reusedSocket && error.code === 'ECONNRESET') request(port, n).then(resolve, reject);
      else if (wanted.aborts) resolve();
      else reject(error);
    });
    if (wanted.aborts) call.setTimeout(wanted.aborts, () => call.destroy());
    call.end(body);
  });
}

const kinds = {
  async http(count) {
    const [, port] = await reached(/listening on (\d+)/, 1);
    const first = i;
    await Promise.all([0, 1, 2, 3].map(async (lane) => {
      for (let n = first + lane; n < first + count; n += 4) await request(port, n);
    }));
    i += count;
  },
  async stdin(count) {
    let text = '';
    for (let n = i; n < i + count; n++) text += `${fill(traffic.lines[n % traffic.lines.length], n)}\n`;
    i += count;
    app.stdin.write(text);
    await reached(new RegExp(traffic.ack), i);
  },
  async tcp(count) {
    const [, port] = await reached(/listening on (\d+)/, 1);
    for (let n = i; n < i + count; n++) {
      const socket = net.connect(Number(port), '127.0.0.1');
      await once(socket, 'connect');
      socket.end(`${fill(traffic.line, n)}\n`);
      await once(socket.resume(), 'close');
    }
    i += count;
  },
};

const memory = [];
let left = 0; // resident by the snapshots so far
const started = Date.now();
for (round = 0; round < rounds; round++) {
  const counts = traffic.per_round;
  await kinds[traffic.kind](counts[Math.min(round, counts.length - 1)]);
  if (traffic.settle) await new Promise((resolve) => setTimeout(resolve, traffic.settle));
  app.send({ file: path.resolve(out, `${round + 1}.heapsnapshot`) });
  const [usage] = await once(app, 'message');
  memory.push({ at_ms: Date.now() - started, used: usage.heapUsed, external: usage.external, array_buffers: usage.arrayBuffers, rss: usage.rss, left });
  left += Math.max(0, usage.rssAfter - usage.rss);
}
fs.writeFileSync(path.join(out, 'memory.json'), JSON.stringify(memory));
app.removeAllListeners('exit');
process.exit();
