'use strict';

// Required before a program: how late its event loop was at most, in milliseconds, since it was last asked. SIGUSR2 writes that
// to the file that EVENT_LOOP_DELAY names.
const { renameSync, writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('SIGUSR2', () => {
  const file = process.env.EVENT_LOOP_DELAY;
  writeFileSync(`${file}.part`, String(delay.max / 1e6));
  renameSync(`${file}.part`, file);
  delay.reset();
});
