// The agent: what takes evidence in the application while a hunt lasts.
//
// One function expression, called once per hunt on the dead-man, which stands in `dead_man.js` with the rules of the house:
// they hold here too. What is used here is looked up once, through Node's own `require`, since the application may replace
// globals (fake timers, instrumented modules) at any time. Where it has changed so much that this cannot be planted, there
// is no evidence, and the dead-man closes the inspector all the same.
function leakhuntAgent() {
  'use strict';
  const { load, isMain, now, timed, failed, exempt, spent, awaits, holds, heard, call } = this;
  const process = load('process');
  const { accessSync, closeSync, fstatSync, openSync, read, readdirSync, readlinkSync, statfsSync, unlinkSync, constants } = load('fs');
  const { opendir, open, fstat, close: closeFile } = load('fs');
  const { join, dirname, isAbsolute } = load('path');
  const modules = load('module');
  const { fileURLToPath } = load('url');
  const { tmpdir } = load('os');
  const zlib = load('zlib');
  const v8 = load('v8');
  const { setImmediate } = load('timers');
  // It loads Node's module of worker threads, which in the main thread puts something in the place of `process.chdir`.
  const Session = isMain ? null : load('inspector').Session;
  const { performance, monitorEventLoopDelay } = load('perf_hooks');
  const eventLoopUtilization = performance.eventLoopUtilization.bind(performance);
  const { memoryUsage, resourceUsage, uptime, constrainedMemory, pid, env, version } = process;
  const { allocUnsafeSlow } = load('buffer').Buffer;
  const { max, min, random } = Math;
  const { parse } = JSON;
  // The language's own, even where the application has put another library's on `globalThis`.
  const Promise = (async () => {})().constructor;

  /** File systems that are memory: a snapshot there counts against the memory limit. tmpfs and ramfs, statfs(2). */
  const IN_MEMORY = [0x1021994, 0x858458f6];

  // ---- the snapshot file -------------------------------------------------------------------------------------------

  /** The file that is being pulled: { fd, size, reading, doomed, named }; the last is its path while it has one. */
  let file = null;

  const close = (it) => {
    try {
      closeSync(it.fd);
      if (it.named) unlinkSync(it.named);
    } catch {
      // Closed already, by whoever closes what it does not own.
    }
  };

  /** A descriptor is closed only when no read is under way: its number may belong to another file the next moment. */
  const drop = () => {
    const it = file;
    file = null;
    if (!it) return;
    it.doomed = true;
    if (it.reading === 0) close(it);
  };

  /**
   * Makes a file for a snapshot, which has no name any more when the first byte is written, so that nothing can be left
   * behind whatever dies. Where the system cannot reopen a descriptor (no /proc), it keeps its name until it is dropped.
   *
   * The main thread makes it and pulls it, whoever's heap is written: it is the one whose dead-man drops it, and a worker
   * that works synchronously would never come to read a block. Until it is written nobody asks for anything, for `patience` at
   * the longest (ms).
   */
  const create = (directory, patience) => {
    drop();
    awaits(patience);
    const path = join(directory, `.leakhunt-${pid}-${random().toString(36).slice(2)}.heapsnapshot`);
    file = { fd: openSync(path, 'wx+', 0o600), size: 0, reading: 0, doomed: false, named: path };
    let target = `/proc/self/fd/${file.fd}`;
    try {
      accessSync(target, constants.W_OK);
      unlinkSync(path);
      file.named = '';
    } catch {
      target = path;
    }
    const { dev, ino } = fstatSync(file.fd);
    return { target, dev, ino };
  };

  /**
   * What takes long is not done within a call of the inspector's in a worker: Node 18 can crash of a worker that is terminated
   * meanwhile (5 of 30 did; none of 12 where the worker's own event loop does it).
   */
  const byItself = (work) => (isMain ? work() : new Promise((answer) => setImmediate(() => answer(timed(work)))));

  /**
   * Writes the snapshot of this thread's heap into it. The descriptor's number, or the name, may be another file's by now, if
   * the hunt is gone and the file was dropped: so it is opened without being made or cut short, and looked at first.
   */
  const write = ({ target, dev, ino }) => {
    const own = openSync(target, constants.O_RDWR | constants.O_NONBLOCK);
    const start = now();
    try {
      const facts = fstatSync(own);
      if (facts.dev !== dev || facts.ino !== ino) return failed('the snapshot file was dropped');
      v8.writeHeapSnapshot(facts.nlink === 0 ? `/proc/self/fd/${own}` : target);
    } finally {
      exempt(now() - start);
      closeSync(own);
    }
    return { __proto__: null, pause: now() - start };
  };

  /** What there is to pull. */
  const written = () => {
    if (!file) return failed('the snapshot file was dropped');
    file.size = fstatSync(file.fd).size;
    return { size: file.size, codec: codec.name, named: file.named !== '' };
  };

  // zstd frames carry a checksum (XXH64); brotli has none, so a SHA-256 goes with each block there.
  const codec = zlib.zstdCompress
    ? {
        name: 'zstd',
        compress: zlib.zstdCompress,
        params: { [zlib.constants.ZSTD_c_compressionLevel]: 1, [zlib.constants.ZSTD_c_checksumFlag]: 1 },
        sum: () => '',
      }
    : {
        name: 'brotli',
        compress: zlib.brotliCompress,
        params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 2, [zlib.constants.BROTLI_PARAM_LGWIN]: 20 },
        sum: ((crypto) => (bytes) => crypto.createHash('sha256').update(bytes).digest('hex'))(load('crypto')),
      };

  /**
   * Node before 24.19 may crash when it writes to a connection that has just ended (nodejs/node#64209). There, nothing is
   * answered that nobody can hear: this narrows the moment, and cannot close it.
   */
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) || [];
  const fragile = !(major >= 26 || (major === '24' && minor >= 19));

  /** Block `index` of `size` bytes: read and compressed off the loop, answered as base64. */
  const block = (index, size) =>
    new Promise((answer) => {
      const it = file;
      if (!it) return answer(failed('the snapshot file was dropped'));
      const finish = (result) => {
        it.reading--;
        // Whoever has dropped the file does not wait for its blocks: a hunt that leaves has no answer on its way.
        if (!it.doomed) {
          if (!fragile || timed(heard)) answer(result);
        } else if (it.reading === 0) close(it);
      };
      it.reading++;
      const length = min(size, it.size - index * size);
      const compressed = (bytes) => (error, packed) =>
        finish(timed(() => (error ? failed(error) : { data: packed.toString('base64'), sum: codec.sum(bytes) })));
      const started = timed(() => {
        const bytes = allocUnsafeSlow(length);
        read(it.fd, bytes, 0, length, index * size, (error, count) => {
          if (error || count !== length) return finish(failed(error || `${count} bytes of ${length}`));
          const packing = timed(() => {
            codec.compress(bytes, { params: codec.params, chunkSize: 262144 }, compressed(bytes));
          });
          if (packing) finish(packing);
        });
      });
      if (started) finish(started);
    });

  /** Where a snapshot could be written, best first. */
  const disk = () => {
    const seen = new Set();
    const directories = [];
    for (const path of [tmpdir(), '/var/tmp', env.HOME, process.cwd(), '/dev/shm']) {
      if (!path || seen.has(path)) continue;
      seen.add(path);
      try {
        accessSync(path, constants.W_OK);
        // Node before 18.15 has no statfs.
        const facts = statfsSync && statfsSync(path);
        directories.push({
          path,
          free: facts ? facts.bavail * facts.bsize : null,
          memory: facts ? IN_MEMORY.includes(facts.type) : null,
        });
      } catch {
        // Not there, or not ours to write to.
      }
    }
    return { directories };
  };

  // ---- the program's scripts and their source maps -------------------------------------------------------------------

  /** No more scripts are looked at, and no more entries of folders. */
  const MOST_SCRIPTS = 500;
  const MOST_ENTRIES = 4000;
  /** Where a script names its source map, and how much of an inline one is enough to know it. */
  const TAIL = 1024;

  /** What a function with a callback answers; null for an error. */
  const answered = (ask) =>
    new Promise((answer) => {
      const problem = timed(() => void ask((error, value) => answer(error ? null : value)));
      if (problem) answer(null);
    });

  const isScript = (path) => /\.[cm]?js$/.test(path) && !path.includes('/node_modules/');

  /** The program's own scripts: those that `require` has loaded, then those in the folders around the main one. */
  const scripts = async () => {
    const main = `${process.argv[1] || ''}`;
    const found = new Set(timed(() => [main, ...Object.keys(modules._cache || {})].filter(isScript)));
    const folders = isAbsolute(main) && !main.includes('/node_modules/') ? [dirname(main)] : [];
    let entries = 0;
    for (const folder of folders) {
      const directory = await answered((done) => opendir(folder, { bufferSize: 64 }, done));
      while (directory && entries++ < MOST_ENTRIES) {
        const entry = await answered((done) => directory.read(done));
        if (!entry) break;
        timed(() => {
          const path = join(folder, entry.name);
          if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) folders.push(path);
          else if (entry.isFile() && isScript(path)) found.add(path);
        });
      }
      if (directory) await answered((done) => directory.close(done));
    }
    return [...found].slice(0, MOST_SCRIPTS);
  };

  /** Calls `use` with the descriptor and the size of a regular file; null where there is none. */
  const opened = async (path, use) => {
    const fd = await answered((done) => open(path, constants.O_RDONLY | constants.O_NONBLOCK, done));
    if (fd === null) return null;
    const facts = await answered((done) => fstat(fd, done));
    const answer = facts && facts.isFile() ? await use(fd, facts.size) : null;
    await answered((done) => closeFile(fd, done));
    return answer;
  };

  /** A script that names a source map, or has it in itself. */
  const mapped = (path) =>
    opened(path, async (fd, size) => {
      const bytes = allocUnsafeSlow(min(TAIL, size));
      if ((await answered((done) => read(fd, bytes, 0, bytes.length, size - bytes.length, done))) === null) return null;
      const tail = timed(() => bytes.toString('latin1').trimEnd());
      if (/^[\w+/=]{512,}$/.test(tail)) return { path, bytes: size, map: null };
      const url = /\/\/# sourceMappingURL=(\S+)$/.exec(tail);
      if (!url) return null;
      if (url[1].startsWith('data:')) return { path, bytes: size, map: null };
      if (url[1].includes('://')) return null;
      const map = isAbsolute(url[1]) ? url[1] : join(dirname(path), url[1]);
      const mapBytes = await opened(map, async (_, size) => size);
      return mapBytes === null ? null : { path, bytes: size, map: { path: map, bytes: mapBytes } };
    });

  /** The program's scripts that have source maps. */
  const sources = async () => {
    try {
      const found = [];
      for (const path of await scripts()) {
        const script = await mapped(path);
        if (script) found.push(script);
      }
      return { scripts: found };
    } catch (error) {
      return failed(error);
    }
  };

  // ---- the packages that are loaded ----------------------------------------------------------------------------------

  /** No more packages are looked at, nor for longer (ms), and no larger package.json: npm's own has 8 kB. */
  const MOST_PACKAGES = 1000;
  const LONGEST_LOOK = 3000;
  const LARGEST_MANIFEST = 131072;
  /** So many are read side by side: each takes four turns of the event loop. */
  const READERS = 4;

  /** What `import` has loaded stands in a cache of Node's own, by URL: from Node 20 on in the first of these places. */
  const imported = () => {
    for (const find of [
      () => load('internal/modules/esm/loader').getOrInitializeCascadedLoader().loadCache,
      () => load('internal/process/esm_loader').esmLoader.loadCache,
    ]) {
      try {
        const urls = [...find().keys()].filter((url) => url.startsWith('file:'));
        return urls.map((url) => fileURLToPath(url));
      } catch {
        // Not in this version.
      }
    }
    return [];
  };

  /** The folders of the packages whose scripts are loaded: a scope and a name below the innermost `node_modules`. */
  const folders = () => {
    const found = new Set();
    for (const path of [...Object.keys(modules._cache || {}), ...imported()]) {
      const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^@./][^/]*(?=\/)/.exec(path);
      if (folder) found.add(folder[0]);
      if (found.size === MOST_PACKAGES) break;
    }
    return [...found];
  };

  /** The name and the version in a folder's package.json; null where it does not tell them. */
  const manifest = (folder) =>
    opened(join(folder, 'package.json'), async (fd, size) => {
      if (size > LARGEST_MANIFEST) return null;
      const bytes = allocUnsafeSlow(size);
      if ((await answered((done) => read(fd, bytes, 0, size, 0, done))) !== size) return null;
      return timed(() => {
        try {
          const { name, version } = parse(bytes.toString());
          return typeof name === 'string' && typeof version === 'string' ? { folder, name, version } : null;
        } catch {
          return null;
        }
      });
    });

  /** The packages in these folders, with their versions. */
  const packages = async (left) => {
    try {
      const began = now();
      const found = [];
      const leakhuntRead = async () => {
        while (left.length > 0 && now() - began < LONGEST_LOOK) {
          const told = await manifest(left.pop());
          if (told) found.push(told);
        }
      };
      const readers = [];
      while (readers.length < READERS) readers.push(leakhuntRead());
      for (const reader of readers) await reader;
      return { packages: found };
    } catch (error) {
      return failed(error);
    }
  };

  /** Opens a file of the program's, to be pulled as a snapshot is. */
  const openSource = (path) => {
    drop();
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const it = { fd, size: 0, reading: 0, doomed: false, named: '' };
    const facts = fstatSync(it.fd);
    if (!facts.isFile()) {
      close(it);
      return failed('not a regular file');
    }
    it.size = facts.size;
    file = it;
    return { size: it.size, codec: codec.name };
  };

  const memory = () => {
    const usage = memoryUsage.call(process);
    const limit = constrainedMemory ? constrainedMemory.call(process) : 0;
    return {
      used: usage.heapUsed,
      total: usage.heapTotal,
      external: usage.external,
      buffers: usage.arrayBuffers,
      rss: usage.rss,
      peak: resourceUsage.call(process).maxRSS * 1024,
      heapLimit: v8.getHeapStatistics().heap_size_limit,
      // "No limit" is 0, undefined or a number near 2^64, by version and cgroup.
      constrained: limit > 0 && limit < 2 ** 52 ? limit : null,
      uptime: uptime.call(process),
      spent: spent(),
    };
  };

  // ---- open file descriptors -----------------------------------------------------------------------------------------

  /** Of no more is it looked what they are. */
  const MOST_DESCRIPTORS = 10000;

  const kind = (target) => {
    if (target.startsWith('socket:')) return 'sockets';
    if (target.startsWith('pipe:')) return 'pipes';
    return target.startsWith('/') && !target.startsWith('/dev/') ? 'files' : 'others';
  };

  /** How many are open, by what they lead to. */
  const descriptors = () => {
    const open = readdirSync('/proc/self/fd');
    const counts = { all: open.length, sockets: 0, pipes: 0, files: 0, others: 0 };
    for (const descriptor of open.slice(0, MOST_DESCRIPTORS)) {
      try {
        counts[kind(readlinkSync(`/proc/self/fd/${descriptor}`))]++;
      } catch {
        // The one by which the folder was read.
        counts.all--;
      }
    }
    return counts;
  };

  // ---- what keeps the event loop alive -------------------------------------------------------------------------------

  /** How many active resources there are of each kind (`TCPSocketWrap`, `Timeout`). */
  const resources = () => {
    const counts = { __proto__: null };
    for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] || 0) + 1;
    return { counts };
  };

  // ---- does it come back to its event loop? --------------------------------------------------------------------------

  /** Answered when the loop has turned: a worker that waits synchronously for its next task (`Atomics.wait`) never does. */
  const turn = () => new Promise((answer) => setImmediate(() => answer({ turned: true })));

  // ---- the event loop's delay ----------------------------------------------------------------------------------------

  /** So often (ms) a timer of Node's own looks how late it is. */
  const RESOLUTION = 10;
  let delays = null;
  let since = null;

  const unwatchLoop = () => {
    if (delays) delays.disable();
    delays = null;
  };

  const watchLoop = () => {
    unwatchLoop();
    delays = monitorEventLoopDelay({ resolution: RESOLUTION });
    delays.enable();
    since = eventLoopUtilization();
    return { watching: true };
  };

  /** What it was since `watchLoop`, in ms, the timer's own period not counted; none where the loop never turned. */
  const loop = () => {
    if (!delays) return failed('the event loop is not watched');
    const late = (nanoseconds) => max(0, nanoseconds / 1e6 - RESOLUTION) || 0;
    const [mean, p99, most] = [late(delays.mean), late(delays.percentile(99)), late(delays.max)];
    const { utilization } = eventLoopUtilization(eventLoopUtilization(), since);
    unwatchLoop();
    return { mean, p99, max: most, utilization };
  };

  /**
   * Stops the sampling profiler: sessions of workers outlive the connection (Node 18 to 26), and what runs in them with it.
   * There is one for all sessions, and another's word ends it. V8 forgets its object ids then.
   */
  const quieten = () => {
    const session = new Session();
    session.connect();
    session.post('HeapProfiler.stopSampling', () => {});
    session.disconnect();
  };

  holds((gone) => {
    drop();
    unwatchLoop();
    if (gone && !isMain) quieten();
  });
  return {
    __proto__: null,
    memory: call(memory),
    disk: call(disk),
    create: call(create),
    write: call((place) => byItself(() => write(place))),
    written: call(written),
    block: call(block),
    sources: call(sources),
    folders: call(() => ({ folders: folders() })),
    packages: call(packages),
    openSource: call(openSource),
    watchLoop: call(watchLoop),
    loop: call(loop),
    turn: call(turn),
    descriptors: call(descriptors),
    resources: call(resources),
    drop: call(() => ({ dropped: (drop(), true) })),
  };
}
