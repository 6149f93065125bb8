// Who is this process? One function expression, called on the dead-man (`dead_man.js`). Read-only; what cannot be read of it
// is null, and keeps nothing else from being read.
function leakhuntFacts() {
  'use strict';
  const { load } = this;
  const fact = (read) => {
    try {
      const value = read();
      return value === undefined || value === null ? null : typeof value === 'number' ? value : `${value}`.slice(0, 1024);
    } catch {
      return null;
    }
  };
  const process = load('process');
  const { versions } = process;
  return {
    __proto__: null,
    node: fact(() => versions.node),
    v8: fact(() => versions.v8),
    arch: fact(() => process.arch),
    platform: fact(() => process.platform),
    title: fact(() => process.title),
    // Throws where the directory was removed.
    cwd: fact(() => process.cwd()),
    script: fact(() => process.argv[1]),
    uptime: fact(() => process.uptime()),
    dyno: fact(() => process.env.DYNO),
  };
}
