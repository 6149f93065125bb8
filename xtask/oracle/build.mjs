// Bundles DevTools' heap snapshot worker, which npm delivers as TypeScript, into one module that Node.js loads.
import {build} from 'esbuild';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

// DevTools generates its list of locales at build time, so the package lacks it. The engine translates nothing.
const locales = {
  name: 'locales',
  setup(bundler) {
    bundler.onResolve({filter: /\/locales\.js$/}, ({path}) => ({path, namespace: 'locales'}));
    bundler.onLoad({filter: /.*/, namespace: 'locales'}, () => ({
      contents: `
        export const LOCALES = ['en-US'];
        export const BUNDLED_LOCALES = LOCALES;
        export const DEFAULT_LOCALE = 'en-US';
        export const REMOTE_FETCH_PATTERN = '';
        export const LOCAL_FETCH_PATTERN = '';`,
    }));
  },
};

const front = 'chrome-devtools-frontend/front_end';
await build({
  stdin: {
    contents: `
      export * from '${front}/entrypoints/heap_snapshot_worker/HeapSnapshot.ts';
      export * from '${front}/entrypoints/heap_snapshot_worker/HeapSnapshotLoader.ts';
      export {NodeFilter} from '${front}/models/heap_snapshot/HeapSnapshotModel.ts';`,
    resolveDir: here,
  },
  outfile: join(here, 'devtools.mjs'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  plugins: [locales],
  external: ['*.css', '*.png', '*.svg'],
  logLevel: 'warning',
});
