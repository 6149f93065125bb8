import { setTimeout as rest } from 'node:timers/promises';
import { jobLog } from './job-log.mjs';

async function grind(job) {
  const log = jobLog(job);
  log.info(`${job.sacks.length} sacks`);
  for (const sack of job.sacks) if (sack.kilos > 60) log.warn(`sack ${sack.number} is too heavy`);
  await rest(3);
  return job.sacks.reduce((sum, { kilos }) => sum + kilos, 0);
}

console.log('ready');
let ground = 0;
for (let id = 1; ; id++) {
  const sacks = Array.from({ length: 10 }, (_, at) => ({ number: at, kilos: 20 + ((id * 7 + at) % 40), grain: at % 2 ? 'rye' : 'spelt' }));
  ground += await grind({ id, farm: `Farm ${id % 70}`, sacks });
  await rest(40);
}
