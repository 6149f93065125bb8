// The dead-man: the first thing of ours in the process, and what closes the inspector whatever becomes of us.
//
// One function expression, called once per hunt with scopes of Node's own functions (see `plant.rs`). It returns an object
// that only the CDP session and its own timer hold. Nothing is put where the application could see it: what tells a
// second hunt of this one is a property of an object that only Node's own code has.
//
// It needs nothing of the application's world, which may be frozen, polluted, patched or half deleted:
//   - Node's own `require` comes out of the closure of one of Node's functions. What it loads of `internal/…` no program
//     can have changed: the native `_debugEnd` (all that `inspector.close` is), unref'd timers, the clock.
//   - No method of a prototype is called, no iterator runs, no descriptor is made; own properties are read from copies
//     without a prototype. Texts are read byte by byte.
//   - What is read with must show our own connection before it is trusted: `fs` as the application has it, or else a
//     fresh one.
//
// `watch` counts the TCP connections of the inspector's port in /proc. When the last client has left, however it died,
// what the agent holds is dropped and, if leakhunt opened the inspector, the inspector is closed. Closing waits for nobody
// then: `_debugEnd` with a client that never answers hangs the application until that socket dies.
//
// Rules of the house, in somebody else's production process:
//   - Nothing throws out of a callback and nothing rejects: an uncaught error would end the application.
//   - The timer is unref'd: the application must be able to end while we watch.
//   - What calls into these files is named `leakhunt…`: by that name profiles tell what we allocate from what the application does.
//   - Nothing reads `error.stack`: that would run the application's `Error.prepareStackTrace`.
function leakhuntPlant(closes, hunt, pid, start, known) {
  'use strict';

  // ---- Node's own ----------------------------------------------------------------------------------------------------

  let load;
  for (let i = 5; i < arguments.length && !load; i++) {
    for (let j = 0; j < arguments[i].length && !load; j++) {
      const scope = arguments[i][j];
      // "Closure": a copy of the global scope would run the application's getters.
      if (scope.description[0] !== 'C') continue;
      const { require } = { __proto__: null, ...scope.object };
      if (typeof require !== 'function') continue;
      // Node before 18.13 has it under the second name.
      if (require.name === 'requireBuiltin' || require.name === 'nativeModuleRequire') load = require;
    }
  }
  if (!load) return null;

  const attempt = (work) => {
    try {
      return work();
    } catch {
      return null;
    }
  };
  // Node 18 has it under the second name.
  const { internalBinding, BuiltinModule } =
    attempt(() => load('internal/bootstrap/realm')) || load('internal/bootstrap/loaders');
  const { _debugEnd } = internalBinding('process_methods');
  const inspector = internalBinding('inspector');
  const { url } = inspector;
  const { setUnrefTimeout } = load('internal/timers');
  const { now } = load('internal/perf/utils');
  const SIZE = 65536;
  const bytes = new (load('internal/buffer').FastBuffer)(SIZE);
  const began = now();

  /** How often it looks, in ms; when looking is slow (thousands of connections) it takes 1 % of the loop ... No application's
   *  delay: Node has one list for the timers of one, and ours would stand in a snapshot among the application's. */
  const EVERY = 307;
  /** ... but at least this often, or one hiccup of a busy machine would put the next look off for long. */
  const AT_LEAST_EVERY = 2003;
  /** Connections must be gone for two looks in a row: a client that reconnects at once is not a dead one. */
  const LOOKS = 2;
  /** What nobody has asked about for so long (ms) is dropped, even if some other debugger stays connected. */
  const FORGOTTEN = 120000;
  /** A hunt that nobody has asked for so long (ms) is no living one, whatever else is connected. */
  const FORGOTTEN_HUNT = 600000;

  /** Milliseconds of the application's event loop spent in our code so far, planting included, snapshots excepted. */
  let spent = 0;
  /** Milliseconds in snapshots, whole or not. */
  let paused = 0;
  let touched = began;

  const failed = (error) => ({
    __proto__: null,
    error: { __proto__: null, code: `${(error && error.code) || ''}`, message: `${(error && error.message) || error}` },
  });

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

  // ---- /proc ---------------------------------------------------------------------------------------------------------

  let { openSync, readSync, closeSync } = load('fs');

  /** Reads a file into `bytes`, and hands each piece's length to `use`. */
  const read = (path, use) => {
    const fd = openSync(path, 0);
    try {
      let count;
      do {
        count = readSync(fd, bytes, 0, SIZE, null);
        // A stub may answer anything.
        if (count > 0 && count <= SIZE) use(count);
        else count = 0;
      } while (count > 0);
    } finally {
      closeSync(fd);
    }
  };

  /** Which process is this? Fields 1 and 22 of proc_pid_stat(5); the name between them may itself hold blanks and brackets. */
  const identity = () => {
    let own = 0;
    let inName = false;
    let field = 0;
    let ticks = 0;
    read('/proc/self/stat', (count) => {
      for (let i = 0; i < count; i++) {
        const byte = bytes[i];
        if (byte === 41) {
          inName = true;
          field = 1;
          ticks = 0;
        } else if (byte === 32) field++;
        else if (!inName && field === 0) own = own * 10 + byte - 48;
        else if (inName && field === 21) ticks = ticks * 10 + byte - 48;
      }
    });
    return { __proto__: null, pid: own, start: ticks };
  };

  /**
   * The inspector's port; 0 when it is not open. A worker thread is told it, and has nothing to close. Of
   * "ws://127.0.0.1:9229/…", what follows the last colon of the host.
   */
  const listening = () => {
    if (known !== null) return known;
    const address = url();
    let port = 0;
    let slashes = 0;
    for (let i = 0; address && i < address.length && slashes < 3; i++) {
      const letter = address[i];
      if (letter === '/') slashes++;
      else port = letter === ':' ? 0 : port * 10 + (letter - 0);
    }
    return port;
  };

  /** A line's column that is never reached. */
  const SKIPPED = -2;
  /** The value of a hexadecimal digit's byte. */
  const digit = (byte) => (byte < 58 ? byte - 48 : (byte | 32) - 87);

  /**
   * What a connection's state may be. The watch waits for all but LISTEN (0A) to go; a client is only who is still there,
   * ESTABLISHED (01): a look that has just hung up is nobody's debugger.
   */
  const OPEN = (state) => state !== 10;
  const ESTABLISHED = (state) => state === 1;

  /**
   * Connections of a port in one table. Columns of /proc/net/tcp (proc_net_tcp.txt): local address 1, state 3, inode 9 (0: no
   * process holds the socket any more).
   */
  const connections = (path, port, counts) => {
    let count = 0;
    let column = -1;
    let inWord = false;
    let local = 0;
    let state = 0;
    let inode = 0;
    read(path, (length) => {
      for (let i = 0; i < length; i++) {
        const byte = bytes[i];
        if (byte === 10) {
          if (column > 8 && local === port && counts(state) && inode > 0) count++;
          column = -1;
          inWord = false;
        } else if (byte === 32) {
          // Of another port's line nothing more is read: there may be thousands.
          if (column === 1 && local !== port) column = SKIPPED;
          inWord = false;
        } else if (column !== SKIPPED) {
          if (!inWord && ++column === 1) local = state = inode = 0;
          inWord = true;
          if (column === 1) local = byte === 58 ? 0 : local * 16 + digit(byte);
          else if (column === 3) state = state * 16 + digit(byte);
          else if (column === 9) inode = inode * 10 + byte - 48;
        }
      }
    });
    return count;
  };

  const port = listening();

  const clients = (counts = OPEN) => {
    let count = connections('/proc/self/net/tcp', port, counts);
    try {
      count += connections('/proc/self/net/tcp6', port, counts);
    } catch (error) {
      // Without IPv6 there is no tcp6.
      if (!error || error.code !== 'ENOENT') throw error;
    }
    return count;
  };

  // ---- the watch -----------------------------------------------------------------------------------------------------

  let watching = false;
  let why = '';
  let alone = 0;
  /** Of several timers only the last one counts. */
  let latest = 0;
  /** Drops what the agent holds open, if there is one. */
  let drop = null;

  /** `gone`: the client that wanted it has left. */
  const letGo = (gone) => {
    if (drop) attempt(() => drop(gone));
  };

  const leakhuntLook = (mine) => {
    if (mine !== latest) return;
    const start = now();
    let pause = EVERY;
    try {
      if (start - touched > FORGOTTEN) letGo(false);
      const open = listening() === port;
      alone = open && (!watching || clients() > 0) ? 0 : alone + 1;
      if (alone >= LOOKS || !open) {
        letGo(true);
        // Before we retire: if it throws, the next looks try again.
        if (open && closes) _debugEnd();
        retire();
        return;
      }
      if (alone === 0) {
        pause = 100 * (now() - start);
        pause = pause < EVERY ? EVERY : pause > AT_LEAST_EVERY ? AT_LEAST_EVERY : pause;
      }
    } catch {
      // Out of file descriptors, perhaps: a leaking application may well be. Look again.
      alone = 0;
    } finally {
      spent += now() - start;
    }
    again(pause);
  };

  const again = (pause) => {
    const mine = ++latest;
    try {
      setUnrefTimeout(() => leakhuntLook(mine), pause);
    } catch {
      watching = false;
    }
  };

  const retire = () => {
    latest++;
    watching = false;
    letGo(true);
    if (signed() === sign) delete inspector.leakhunt;
  };

  // ---- other hunts ---------------------------------------------------------------------------------------------------

  /** What another hunt finds: whose this is, when it was last asked something, and how to take its place. */
  const sign = {
    __proto__: null,
    hunt,
    idle: () => now() - touched,
    retire: () => (retire(), closes),
  };

  /** The sign of whoever was here last, of the object's own, whatever it inherits. */
  const signed = () => ({ __proto__: null, ...inspector }).leakhunt;

  /** Defines a property, where an assignment might run an inherited setter: a field, on an object that a constructor gave back. */
  class Given {
    constructor(object) {
      return object;
    }
  }
  class Signed extends Given {
    leakhunt = sign;
    // Node 18 and 20 would hand arguments on by an iterator.
    constructor(object) {
      super(object);
    }
  }

  /** Is another hunt under way? One that was killed has left a sign too, and its place is taken. */
  const rivalled = () => {
    const other = signed();
    if (!other) return false;
    const alive = (watching ? clients() > 1 : true) && other.idle() < FORGOTTEN_HUNT;
    if (alive && other.hunt !== hunt) return true;
    // What a dead hunt has opened is ours to close.
    closes = other.retire() || closes;
    return false;
  };

  // ---- planting ------------------------------------------------------------------------------------------------------

  let own = null;
  const look = () => {
    own = attempt(identity);
    if (!port) {
      why = 'the inspector does not say where it listens';
      return;
    }
    try {
      watching = clients() > 0;
      why = watching ? '' : 'its own connection is not to be seen in /proc/net/tcp';
    } catch (error) {
      why = `${(error && error.message) || error}`;
    }
  };
  look();
  if (!watching) {
    // The application may have put another `fs` into its place, or changed it. This one is nobody's but ours.
    const pristine = attempt(() => new BuiltinModule('fs').compileForInternalLoader());
    if (pristine) {
      const told = why;
      ({ openSync, readSync, closeSync } = pristine);
      look();
      if (!watching) why = told;
    }
  }
  if (!own || !(own.pid > 0)) own = { __proto__: null, pid: load('process').pid, start: null };

  /** Another process than the one that was meant: nothing is armed, and nothing may be asked of it. */
  const stranger = (pid !== null && own.pid !== pid) || (start !== null && own.start !== null && own.start !== start);
  const rival = !stranger && timed(rivalled) === true;
  if (stranger || rival) {
    // Where it is a rival, the other hunt's dead-man watches; this one only says so.
    watching = false;
    closes = false;
  } else {
    new Signed(inspector);
    again(EVERY);
  }
  spent += now() - began;

  const call = (method) => (one, two) => {
    const answer = timed(() => method(one, two));
    // Not before: a snapshot may take minutes, and is asked for only then.
    const since = now();
    if (since > touched) touched = since;
    return answer;
  };
  return {
    __proto__: null,
    load,
    isMain: internalBinding('worker').isMainThread,
    now,
    timed,
    failed,
    /** How the agent counts, and what of it is dropped when the last client has left. */
    spent: () => spent,
    exempt: (time) => {
      spent -= time;
      paused += time;
    },
    holds: (dropping) => {
      drop = dropping;
    },
    /** So long (ms) nothing need be asked here: a worker is at work for us. */
    awaits: (time) => {
      touched = now() + time;
    },
    /** Is there still somebody to answer? Yes, where that cannot be seen. */
    heard: () => !watching || attempt(() => clients(ESTABLISHED)) !== 0,
    call,
    describe: call(() => ({
      __proto__: null,
      pid: own.pid,
      start: own.start,
      stranger,
      watching,
      why,
      clients: watching ? clients(ESTABLISHED) : null,
      port,
      closes,
      rival,
    })),
    clients: call(() => ({ __proto__: null, clients: watching ? clients(ESTABLISHED) : null })),
    clock: call(() => ({ __proto__: null, now: now() })),
    /** The hunt is over: what is held goes at once, the inspector when the last client has gone. */
    leave: call((closing) => {
      letGo(true);
      closes = closing && !stranger && !rival;
      const report = { __proto__: null, watching, clients: watching ? clients(ESTABLISHED) : null, spent, paused };
      if (closes && watching) again(50);
      else retire();
      return report;
    }),
    // Only where nothing can watch: the client answers the closing handshake while this waits for it.
    closeNow: call(() => {
      retire();
      if (!stranger && !rival) _debugEnd();
    }),
  };
}
