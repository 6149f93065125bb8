// Loads snapshots with DevTools' own loader and asks its engine what the panels show.
import './polyfill.mjs';
import {closeSync, openSync, readSync} from 'node:fs';
import {MessageChannel, Worker} from 'node:worker_threads';

const {HeapSnapshotLoader, NodeFilter, SecondaryInitManager} = await import('./devtools.mjs');

/** What the front end hands to its worker at a time (ChunkedFileReader). */
const CHUNK = 10_000_000;
/** Nodes whose retainers are listed, and retainers listed of each: enough to check the order, little enough to store. */
const LISTED_NODES = 1000;
const LISTED_RETAINERS = 40;

/**
 * The engine's view of a file. With two threads the second computes retainers, dominators and retained sizes beside the
 * first, as in DevTools; with one the results are the same, only later.
 */
export async function load(file, {threads = 1} = {}) {
  const loader = new HeapSnapshotLoader({sendEvent() {}});
  await feed(loader, file);
  await loader.parsingComplete;
  const {port1, port2} = new MessageChannel();
  let second;
  if (threads > 1) {
    second = new Worker(new URL('second.mjs', import.meta.url), {
      workerData: {port: port2},
      transferList: [port2],
      resourceLimits: {maxOldGenerationSizeMb: 16_000},
    });
  } else {
    new SecondaryInitManager(port2);
  }
  try {
    const failed = new Promise((_, reject) => second?.once('error', reject));
    return await Promise.race([loader.buildSnapshot(port1), failed]);
  } finally {
    port1.close();
    port2.close();
    await second?.terminate();
  }
}

async function feed(loader, file) {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.allocUnsafe(CHUNK);
    const text = new TextDecoder();
    let header = true;
    for (let read; (read = readSync(descriptor, bytes, 0, CHUNK, null)) > 0; header = false) {
      const chunk = text.decode(bytes.subarray(0, read), {stream: true});
      loader.write(header ? withoutTraces(chunk) : chunk);
      // The parser runs in microtasks and timers between two chunks.
      await new Promise(done => setImmediate(done));
    }
    loader.close();
  } finally {
    closeSync(descriptor);
  }
}

/**
 * V8 counts fewer trace functions in the header than it then writes, and the engine stops with a TypeError at the first one
 * too many (Node.js 18 to 26). Told that there are none it leaves traces aside; no number compared here depends on them.
 */
function withoutTraces(header) {
  return header.replace(/"trace_function_count":\d+/, '"trace_function_count":0');
}

/** The Comparison view with `target` shown and `base` as its base: one row a class key. */
export function compare(base, target) {
  const rows = target.calculateSnapshotDiff('base', base.aggregatesForDiff(target.interfaceDefinitions()));
  return Object.entries(rows)
    .map(([key, row]) => ({
      key: whole(key),
      name: whole(row.name),
      added_count: row.addedCount,
      removed_count: row.removedCount,
      count_delta: row.countDelta,
      added_size: row.addedSize,
      removed_size: row.removedSize,
      size_delta: row.sizeDelta,
      added_ids: row.addedIds,
      deleted_ids: row.deletedIds,
    }))
    .sort(byKey);
}

/** The Summary and Statistics views. */
export function summary(snapshot) {
  const classes = Object.entries(snapshot.aggregatesWithFilter(new NodeFilter()))
    .map(([key, row]) => ({
      key: whole(key),
      name: whole(row.name),
      count: row.count,
      self_size: row.self,
      retained_size: row.maxRet,
      distance: row.distance,
    }))
    .sort(byKey);
  return {total_size: snapshot.totalSize, statistics: snapshot.getStatistics(), classes};
}

/** The node table: `[id, class key, self size, retained size, distance, dominator's id]` in the file's order. */
export function* nodes(snapshot) {
  const node = snapshot.createNode(0);
  const dominator = snapshot.createNode(0);
  for (let index = 0; index < snapshot.nodes.length; index += snapshot.nodeFieldCount) {
    node.nodeIndex = index;
    dominator.nodeIndex = node.dominatorIndex();
    yield [node.id(), classKey(snapshot, node), node.selfSize(), node.retainedSize(), node.distance(), dominator.id()];
  }
}

/**
 * Some nodes as the Retainers pane shows them: `[id, display name, [[edge, retainer's id], …]]`, retainers by distance,
 * those of one distance in the engine's order.
 */
export function* retainers(snapshot) {
  const shown = snapshot.retainingEdgesFilter();
  const step = Math.ceil(snapshot.nodeCount / LISTED_NODES);
  for (let ordinal = 0; ordinal < snapshot.nodeCount; ordinal += step) {
    const node = snapshot.createNode(ordinal * snapshot.nodeFieldCount);
    const edges = [];
    for (const each = node.retainers(); each.hasNext(); each.next()) {
      const edge = each.item();
      if (!shown(edge)) continue;
      edges.push({distance: edge.getValueForSorting('!edgeDistance'), shown: [whole(edge.toString()), edge.node().id()]});
    }
    edges.sort((left, right) => left.distance - right.distance);
    yield [node.id(), whole(node.name()), edges.slice(0, LISTED_RETAINERS).map(({shown}) => shown)];
  }
}

/** The engine's internal key is a number for a class without a location; the panels see `,NAME`. */
function classKey(snapshot, node) {
  const key = node.classKeyInternal();
  return whole(typeof key === 'number' ? `,${snapshot.strings[key]}` : key);
}

/** Half a surrogate pair is a string to JavaScript and none to the rest of the world. */
function whole(text) {
  return text.toWellFormed();
}

function byKey(left, right) {
  return left.key < right.key ? -1 : 1;
}
