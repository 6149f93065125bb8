// node cri.cjs PORT FILE      one heap snapshot by chrome-remote-interface, the usual client, as its documentation has it
//
// Prints one JSON object: {"wall_us"}, from the request to the file's last byte. Attaching is not counted: the client asks the
// inspector for the whole protocol first, which a slow tunnel would charge to the snapshot.
'use strict';

const fs = require('node:fs');
const CDP = require('chrome-remote-interface');

const [port, path] = process.argv.slice(2);

async function main() {
  const client = await CDP({ host: '127.0.0.1', port: Number(port) });
  const file = fs.createWriteStream(path, { mode: 0o600 });
  client.HeapProfiler.addHeapSnapshotChunk(({ chunk }) => file.write(chunk));
  await client.HeapProfiler.enable();
  const start = process.hrtime.bigint();
  await client.HeapProfiler.takeHeapSnapshot({ reportProgress: false });
  // The answer comes after the last chunk; what is still on its way to the disk belongs to the time.
  await new Promise((resolve, reject) => file.on('error', reject).end(resolve));
  const wall = process.hrtime.bigint() - start;
  await client.close();
  process.stdout.write(`${JSON.stringify({ wall_us: Number(wall / 1000n) })}\n`);
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
