'use strict';
const { createHash } = require('node:crypto');
const { setTimeout: rest } = require('node:timers/promises');
const log = require('npmlog');

/** Builds the packages of a commit one after the other. */
async function build(commit, packages) {
  const started = Date.now();
  for (const name of packages) {
    const digest = createHash('sha256').update(commit + name).digest('hex');
    log.http('fetch', 'GET 200 %s (cache %s)', `https://registry.example/${name}/-/${name}-${digest.slice(0, 8)}.tgz`, digest.slice(8, 20));
    log.verbose(name, 'unpacked into %s with %j', digest.slice(0, 12), { commit, integrity: `sha256-${digest}`, files: Array.from({ length: 8 }, (_, n) => `lib/${digest.slice(n, n + 10)}.js`) });
    await rest(35);
    log.info(name, 'built as %s', digest.slice(0, 16), { modules: digest.charCodeAt(5) * 3, tookMs: Date.now() - started });
  }
  log.info('build', commit, 'is done');
}

module.exports = { build };
