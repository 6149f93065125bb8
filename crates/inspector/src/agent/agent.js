// The agent: what leakhunt leaves running in the application while a hunt lasts.
//
// One function expression. It is evaluated once per hunt (`Runtime.evaluate` with the command line API, which is where
// `require` comes from in ECMAScript modules and on Node 18) and returns an object that only the CDP session and the
// agent's own timer hold. Nothing is put on `globalThis`; one hidden property of `process` says that a hunt is under
// way, so that a second one can tell (where `process` is frozen, it cannot).
//
// Rules of the house, in somebody else's production process:
//   - Nothing throws out of a callback and nothing rejects: an uncaught error would end the application.
//   - Everything that is used later is fetched now. `require` is gone when the evaluation ends, and the application may
//     replace globals (fake timers, instrumented modules) at any time.
//   - Every timer is unref'd: the application must be able to end while we watch.
//   - What calls into this file is named `leakhunt…`: by that name profiles tell what we allocate from what the application does.
//   - Nothing reads `error.stack`: that would run the application's `Error.prepareStackTrace`.
//
// The dead-man: `watch` counts the TCP connections of the inspector's port in /proc. When the last client has left,
// however it died, the file is dropped and, if leakhunt opened the inspector, the inspector is closed. Closing waits
// for nobody then: `inspector.close()` with a client that never answers hangs the application until that socket dies.
(closeWhenAlone, hunt) => {
  'use strict';
  const builtin = process.getBuiltinModule;
  const load = typeof builtin === 'function' ? (name) => builtin.call(process, name) : require;
  const fs = load('fs');
  const { accessSync, closeSync, fstatSync, openSync, read, readFileSync, statfsSync, unlinkSync, constants } = fs;
  const { opendir, open, fstat, close: closeFile } = fs;
  const { join, dirname, isAbsolute } = load('path');
  const modules = load('module');
  const { tmpdir } = load('os');
  const { setTimeout, clearTimeout } = load('timers');
  const { performance } = load('perf_hooks');
  const inspector = load('inspector');
  const zlib = load('zlib');
  const v8 = load('v8');
  const { memoryUsage, resourceUsage, uptime, constrainedMemory, pid, env } = process;
  const { allocUnsafeSlow } = Buffer;
  const { max, min, random } = Math;
  // The language's own, even where the application has put another library's on `globalThis`.
  const Promise = (async () => {})().constructor;
  const now = performance.now.bind(performance);
  const began = now();

  /** How often the dead-man looks, in ms; when looking is slow (thousands of connections) it takes 1 % of the loop ... */
  const EVERY = 300;
  /** ... but at least this often, or one hiccup of a busy machine would put the next look off for long. */
  const AT_LEAST_EVERY = 2000;
  /** Connections must be gone for two looks in a row: a client that reconnects at once is not a dead one. */
  const LOOKS = 2;
  /** A file that nobody has asked about for so long (ms) is dropped, even if some other debugger stays connected. */
  const FORGOTTEN = 120000;
  /** An agent that nobody has asked for so long (ms) belongs to no living hunt, whatever else is connected. */
  const FORGOTTEN_HUNT = 600000;
  /** File systems that are memory: a snapshot there counts against the memory limit. tmpfs and ramfs, statfs(2). */
  const IN_MEMORY = [0x1021994, 0x858458f6];

  /** Milliseconds of the application's event loop spent in this file so far, planting included, snapshots excepted. */
  let spent = 0;
  let touched = now();

  const failed = (error) => ({ error: { code: `${(error && error.code) || ''}`, message: `${(error && error.message) || error}` } });

  /** Runs `work` on the clock; answers what it returns, or what went wrong. */
  const timed = (work) => {
    const start = now();
    try {
      return work();
    } catch (error) {
      return failed(error);
    } finally {
      spent += now() - start;
    }
  };

  // ---- the dead-man ------------------------------------------------------------------------------------------------

  /** The inspector's port as /proc/net/tcp prints it, ":240D"; '' when the inspector is not open. */
  const hexPort = () => {
    const url = inspector.url();
    const port = url && /^wss?:\/\/[^/]*:(\d+)\//.exec(url);
    return port ? `:${(+port[1]).toString(16).toUpperCase().padStart(4, '0')}` : '';
  };

  /**
   * Established connections of the inspector's port. Columns of /proc/net/tcp (proc_net_tcp.txt): local address 1,
   * state 3 (0A: LISTEN), inode 9 (0: no process holds the socket any more).
   */
  const clients = () => {
    let count = 0;
    for (const table of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
      let text = '';
      try {
        text = readFileSync(table, 'latin1');
      } catch (error) {
        // Without IPv6 there is no tcp6.
        if (error.code === 'ENOENT' && table.endsWith('6')) continue;
        throw error;
      }
      for (const line of text.split('\n')) {
        const column = line.trim().split(/\s+/);
        if (column.length > 9 && column[1].endsWith(port) && column[3] !== '0A' && column[9] !== '0') count++;
      }
    }
    return count;
  };

  const port = hexPort();
  let watching = false;
  let why = '';
  let alone = 0;
  let timer;

  const leakhuntLook = () => {
    const start = now();
    let pause = EVERY;
    try {
      if (file && start - touched > FORGOTTEN) drop();
      const open = hexPort() === port;
      alone = open && (!watching || clients() > 0) ? 0 : alone + 1;
      if (alone >= LOOKS || !open) {
        drop();
        // Before we retire: if it throws, the next looks try again.
        if (open && closeWhenAlone) inspector.close();
        retire();
        return;
      }
      if (alone === 0) pause = min(AT_LEAST_EVERY, max(EVERY, 100 * (now() - start)));
    } catch {
      // Out of file descriptors, perhaps: a leaking application may well be. Look again.
      alone = 0;
    } finally {
      spent += now() - start;
    }
    again(pause);
  };

  const again = (pause) => {
    try {
      clearTimeout(timer);
      timer = setTimeout(leakhuntLook, pause);
      timer.unref();
    } catch {
      watching = false;
    }
  };

  const retire = () => {
    clearTimeout(timer);
    watching = false;
    drop();
    try {
      if (process[SIGN] === sign) delete process[SIGN];
    } catch {
      // Frozen meanwhile.
    }
  };

  // ---- other hunts -------------------------------------------------------------------------------------------------

  const SIGN = Symbol.for('leakhunt.agent');
  /** What another hunt finds: whose agent this is, when it was last asked something, and how to take its place. */
  const sign = {
    hunt,
    idle: () => now() - touched,
    retire: () => (retire(), closeWhenAlone),
  };

  /** Is another hunt under way? One that was killed has left a sign too, and its place is taken. */
  const rivalled = () => {
    const other = process[SIGN];
    if (!other || typeof other.retire !== 'function') return false;
    const alive = (watching ? clients() > 1 : true) && other.idle() < FORGOTTEN_HUNT;
    if (alive && other.hunt !== hunt) return true;
    // What a dead hunt has opened is ours to close.
    closeWhenAlone = other.retire() || closeWhenAlone;
    return false;
  };

  // ---- the snapshot file -------------------------------------------------------------------------------------------

  /** The snapshot being pulled: { fd, size, reading, doomed }. */
  let file = null;

  const close = (it) => {
    try {
      closeSync(it.fd);
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
   * Takes the snapshot into a file that has no name any more when the first byte is written, so that nothing can be
   * left behind whatever dies. Where the system cannot reopen a descriptor (no /proc), the name stays until the end.
   */
  const write = (directory) => {
    drop();
    const path = join(directory, `.leakhunt-${pid}-${random().toString(36).slice(2)}.heapsnapshot`);
    const it = { fd: openSync(path, 'wx+', 0o600), size: 0, reading: 0, doomed: false };
    let target = `/proc/self/fd/${it.fd}`;
    let named = true;
    try {
      accessSync(target, constants.W_OK);
      unlinkSync(path);
      named = false;
    } catch {
      target = path;
    }
    const start = now();
    try {
      v8.writeHeapSnapshot(target);
      it.size = fstatSync(it.fd).size;
    } catch (error) {
      close(it);
      throw error;
    } finally {
      spent -= now() - start;
      if (named) unlinkSync(path);
    }
    const pause = now() - start;
    file = it;
    return { size: it.size, pause, codec: codec.name, named };
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

  /** Block `index` of `size` bytes: read and compressed off the loop, answered as base64. */
  const block = (index, size) =>
    new Promise((answer) => {
      const it = file;
      if (!it) return answer(failed('the snapshot file was dropped'));
      const finish = (result) => {
        it.reading--;
        if (it.doomed && it.reading === 0) close(it);
        answer(result);
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
    for (const path of [tmpdir(), '/var/tmp', env.HOME, process.cwd()]) {
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

  /**
   * The program's own scripts: those that `require` has loaded, then those in the folders around the main one, since what
   * `import` has loaded cannot be asked for.
   */
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

  /** Opens a file of the program's, to be pulled as a snapshot is. */
  const openSource = (path) => {
    drop();
    const it = { fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), size: 0, reading: 0, doomed: false };
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
      spent,
    };
  };

  /** What is armed. */
  const describe = () => ({ watching, why, clients: watching ? clients() : null, closes: closeWhenAlone, rival });

  /** The hunt is over: the file goes at once, the inspector when the last client has gone. */
  const leave = (closing) => {
    drop();
    closeWhenAlone = closing;
    const report = { watching, clients: watching ? clients() : null, spent };
    if (closing && watching) again(50);
    else retire();
    return report;
  };

  if (!port) {
    why = 'the inspector does not say where it listens';
  } else {
    try {
      watching = clients() > 0;
      if (!watching) why = 'its own connection is not to be seen in /proc/net/tcp';
    } catch (error) {
      why = error.message;
    }
  }
  const rival = timed(rivalled) === true;
  if (rival) {
    // The other hunt's dead-man watches; this agent only says so.
    watching = false;
    closeWhenAlone = false;
  } else {
    try {
      Object.defineProperty(process, SIGN, { value: sign, configurable: true });
    } catch {
      // Frozen: a second hunt will not know of this one.
    }
    again(EVERY);
  }
  spent += now() - began;

  const call = (method) => (...args) => {
    touched = now();
    return timed(() => method(...args));
  };
  return {
    describe: call(describe),
    memory: call(memory),
    clients: call(() => ({ clients: watching ? clients() : null })),
    clock: call(() => ({ now: now() })),
    disk: call(disk),
    write: call(write),
    block: call(block),
    sources: call(sources),
    openSource: call(openSource),
    drop: call(() => ({ dropped: (drop(), true) })),
    leave: call(leave),
    // Only where no dead-man can watch: the client answers the closing handshake while this waits for it.
    closeNow: call(() => (retire(), inspector.close())),
  };
}
