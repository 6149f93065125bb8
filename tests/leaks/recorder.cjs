'use strict';
// Preloaded into a program of the corpus (`node --require recorder.cjs server.js`): takes its heap snapshots when the
// runner asks for one over the IPC channel. One inspector session lives as long as the process, since the ids of a
// snapshot are comparable only inside one session. The program itself knows nothing of it.
const fs = require('node:fs');
const inspector = require('node:inspector');
const { isMainThread } = require('node:worker_threads');

if (isMainThread && process.send) {
  const session = new inspector.Session();
  session.connect();
  const post = (method, params) =>
    new Promise((resolve, reject) => {
      session.post(method, params, (error, result) => (error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result)));
    });

  const snapshot = async (file) => {
    await post('HeapProfiler.collectGarbage');
    await post('HeapProfiler.collectGarbage');
    const memory = process.memoryUsage();
    const out = fs.openSync(file, 'w');
    const write = (message) => fs.writeSync(out, message.params.chunk);
    session.on('HeapProfiler.addHeapSnapshotChunk', write);
    await post('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    session.removeListener('HeapProfiler.addHeapSnapshotChunk', write);
    fs.closeSync(out);
    // What the snapshot itself leaves resident is no growth of the program's.
    await post('HeapProfiler.collectGarbage');
    return { ...memory, rssAfter: process.memoryUsage.rss() };
  };

  let enabled = false;
  process.on('message', async ({ file }) => {
    if (!enabled) await post('HeapProfiler.enable');
    enabled = true;
    process.send(await snapshot(file));
  });
}
