// A real Chromium with a real DevTools: its own front end, at the address that leakhunt has printed, told by a second protocol connection
// what a person would click. It answers a line of JSON to each line of stdin, and goes at the end of stdin.
//
// node -e "$(cat devtools.js)" -- CHROMIUM PROFILE ADDRESS
'use strict';

const { spawn } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');

const [chromium, profile, address] = process.argv.slice(1);

const browser = spawn(chromium, [
  '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync', '--disable-background-networking',
  '--disable-component-update', '--remote-debugging-port=0', '--remote-allow-origins=*', `--user-data-dir=${profile}`, 'about:blank',
], { stdio: 'ignore' });
const end = (code) => {
  browser.once('exit', () => process.exit(code));
  browser.kill('SIGKILL');
};
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Looks again and again until there is something. */
const eventually = async (look) => {
  const deadline = Date.now() + 60000;
  for (;;) {
    try {
      const seen = await look();
      if (seen) return seen;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error(`not seen: ${look}`);
    await pause(50);
  }
};

/** One protocol connection to the browser. */
const connect = async (url) => {
  const socket = new WebSocket(url);
  await new Promise((open, fail) => ([socket.onopen, socket.onerror] = [open, fail]));
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const { id, result, error } = JSON.parse(data);
    const [done, fail] = waiting.get(id) || [];
    waiting.delete(id);
    if (error && fail) fail(new Error(error.message));
    else if (done) done(result);
  };
  let last = 0;
  return (method, params, sessionId) => new Promise((done, fail) => {
    waiting.set(++last, [done, fail]);
    socket.send(JSON.stringify({ id: last, method, params, sessionId }));
  });
};

/** What is evaluated in the page of DevTools. */
const FRONT_END = `(async () => {
  const SDK = await import('devtools://devtools/bundled/core/sdk/sdk.js');
  const manager = SDK.TargetManager.TargetManager.instance();
  const model = (kind) => manager.models(kind)[0];
  globalThis.lost = false;
  globalThis.acts = {
    /** A snapshot, as the Memory panel takes it. */
    async snapshot() {
      const heap = model(SDK.HeapProfilerModel.HeapProfilerModel);
      await heap.enable();
      const chunks = [];
      const { ADD_HEAP_SNAPSHOT_CHUNK } = SDK.HeapProfilerModel.Events;
      const add = ({ data }) => chunks.push(data);
      heap.addEventListener(ADD_HEAP_SNAPSHOT_CHUNK, add);
      await heap.takeHeapSnapshot({ reportProgress: false, captureNumericValue: false, exposeInternals: false });
      heap.removeEventListener(ADD_HEAP_SNAPSHOT_CHUNK, add);
      const text = chunks.join('');
      const { snapshot: { meta, node_count: count }, nodes, strings } = JSON.parse(text);
      const [width, id, name] = [meta.node_fields.length, ...['id', 'name'].map((field) => meta.node_fields.indexOf(field))];
      const named = new Map();
      for (let at = 0; at < nodes.length; at += width) named.set(nodes[at + id], strings[nodes[at + name]]);
      let [shared, same] = [0, 0];
      for (const [id, name] of globalThis.before || []) {
        if (!named.has(id)) continue;
        shared++;
        same += named.get(id) === name;
      }
      globalThis.before = named;
      return { bytes: text.length, count, nodes: nodes.length / width, shared, same };
    },
    /** The functions that allocate most, of an allocation timeline as the Memory panel loads it. */
    async open(text) {
      const { HeapSnapshotProxy } = await import('devtools://devtools/bundled/models/heap_snapshot/heap_snapshot.js');
      const worker = new HeapSnapshotProxy.HeapSnapshotWorkerProxy(() => {});
      const snapshot = await new Promise((done) => {
        const loader = worker.createLoader(1, done);
        loader.write(text).then(() => loader.close());
      });
      const tops = await snapshot.allocationTracesTops();
      return { tops: tops.map(({ name, scriptName, line, liveCount }) => ({ name, scriptName, line, liveCount })) };
    },
    /** The program waits at a breakpoint. */
    async stop() {
      const debug = model(SDK.DebuggerModel.DebuggerModel);
      const paused = new Promise((done) => debug.addEventListener(SDK.DebuggerModel.Events.DebuggerPaused, done));
      debug.pause();
      await paused;
      return { paused: debug.isPaused() };
    },
  };
  return manager.targets().length > 0 && Boolean(model(SDK.HeapProfilerModel.HeapProfilerModel));
})()`;

const main = async () => {
  // It is there before both of its lines are.
  const [, port, path] = await eventually(() => /^(\d+)\n(\S+)$/.exec(readFileSync(`${profile}/DevToolsActivePort`, 'utf8')));
  const call = await connect(`ws://127.0.0.1:${port}${path}`);
  const { targetId } = await call('Target.createTarget', { url: address });
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
  const evaluate = async (expression) => {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await call('Runtime.evaluate', params, sessionId);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
    return result.value;
  };
  await eventually(() => evaluate(FRONT_END));
  console.log(JSON.stringify({ open: address }));
  for await (const act of createInterface({ input: process.stdin })) {
    const [, name, file] = /^(\S+) ?(.*)$/.exec(act);
    const text = file && JSON.stringify(readFileSync(file, 'utf8'));
    console.log(JSON.stringify(await evaluate(`acts.${name}(${text})`)));
  }
};

process.stdin.once('end', () => end(0));
main().then(() => end(0), (error) => {
  console.log(JSON.stringify({ error: `${error.stack || error}` }));
  end(1);
});
