import { setTimeout as rest } from 'node:timers/promises';
import Bottleneck from 'bottleneck';

// The contract allows ten questions a second.
const allowed = new Bottleneck({ maxConcurrent: 2, minTime: 100 });

async function ask({ lat, lon }) {
  await rest(30);
  return `${Math.round(lat * 100) % 90} Harbour Road, ${Math.round(lon * 10)}`;
}

/** The address where a van has stopped. */
export function locate(report) {
  return allowed.schedule(async () => {
    const stop = report.track.at(-1);
    return { van: report.van, address: await ask(stop) };
  });
}
