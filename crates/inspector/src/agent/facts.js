// Who is this process? One expression, read-only, evaluated before anything else: it must not need the agent.
(() => {
  'use strict';
  const builtin = process.getBuiltinModule;
  const load = typeof builtin === 'function' ? (name) => builtin.call(process, name) : require;
  const text = (value) => (value === undefined ? null : `${value}`.slice(0, 1024));
  // Field 22 of proc_pid_stat(5). The name in parentheses may itself hold spaces and parentheses.
  let startTicks = null;
  try {
    const stat = load('fs').readFileSync('/proc/self/stat', 'latin1');
    startTicks = +stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    // No /proc here, or not allowed to read it.
  }
  let cwd = null;
  try {
    cwd = text(process.cwd());
  } catch {
    // The directory was removed.
  }
  return {
    pid: process.pid,
    startTicks,
    node: text(process.versions.node),
    v8: text(process.versions.v8),
    arch: text(process.arch),
    platform: text(process.platform),
    title: text(process.title),
    cwd,
    script: text(process.argv[1]),
    uptime: process.uptime(),
    dyno: text(process.env.DYNO),
  };
})()
