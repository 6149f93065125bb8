// DevTools' second worker: retainers, dominators, retained sizes.
import './polyfill.mjs';
import {workerData} from 'node:worker_threads';

const {SecondaryInitManager} = await import('./devtools.mjs');
new SecondaryInitManager(workerData.port);
