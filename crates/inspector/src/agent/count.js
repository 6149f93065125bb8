// Counts the objects of the heap: one function expression, called once on the dead-man before the first snapshot.
//
// A snapshot's cost goes by the number of objects, and of that the used heap says little: a megabyte may be one string or
// forty thousand objects. V8 counts them when it gives them their numbers for an allocation timeline
// (`HeapProfiler.startTrackingHeapObjects`): no graph, no names, no edges, 95 bytes an object, and all of it is given back.
//
// V8 tells the figures by a timer, 50 ms later and every 50 ms from then on, each time after a garbage collection. From
// outside it would go on for a round trip; a session of the process's own ends it after the first. The rules of
// dead_man.js hold here as well.
function leakhuntCount() {
  'use strict';
  const { load } = this;
  const { Session } = load('inspector');
  const { setTimeout, clearTimeout, setImmediate } = load('timers');
  const { performance } = load('perf_hooks');
  // The language's own, even where the application has put another library's on `globalThis`.
  const Promise = (async () => {})().constructor;
  const now = performance.now.bind(performance);
  /** Longer than a timer of 50 ms is late on the busiest machine; then it is ended without figures. */
  const LONGEST = 10000;
  const TIMER = 50;

  return new Promise((answer) => {
    const session = new Session();
    let objects = 0;
    let bytes = 0;
    let pause = 0;
    let over = false;
    let timer;
    const finish = (result) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      try {
        // Now, before V8's timer is due again; but the session cannot go while it is being called from V8.
        session.post('HeapProfiler.disable');
        setImmediate(() => {
          try {
            session.disconnect();
          } catch {
            // It did not even connect.
          }
          // Not before: its going resets the object ids, and the next that is asked for may be a snapshot.
          answer(result);
        });
      } catch {
        answer(result);
      }
    };
    try {
      session.on('HeapProfiler.heapStatsUpdate', (message) => {
        // Triples: fragment, its number of objects, their bytes.
        const statsUpdate = over ? [] : message.params.statsUpdate;
        for (let i = 0; i + 2 < statsUpdate.length; i += 3) {
          objects += statsUpdate[i + 1];
          bytes += statsUpdate[i + 2];
        }
      });
      let began = now();
      session.on('HeapProfiler.lastSeenObjectId', () => {
        const waited = now() - began;
        pause += waited > TIMER ? waited - TIMER : 0;
        finish({ objects, bytes, pause });
      });
      session.connect();
      session.post('HeapProfiler.startTrackingHeapObjects', { trackAllocations: false });
      pause = now() - began;
      began = now();
      timer = setTimeout(() => finish({ objects: 0, bytes: 0, pause }), LONGEST);
      timer.unref();
    } catch (error) {
      finish({ error: { code: '', message: `${(error && error.message) || error}` } });
    }
  });
}
