import { LRUCache } from 'lru-cache';

const printed = new LRUCache({ maxSize: 24_000_000, sizeCalculation: (label, key) => label.length + key.length });

/** What stands on a jar; a label is asked for again as long as the jar is in the shop. */
export function labelOf(jar) {
  const key = `${jar.batch}/${jar.number}`;
  let label = printed.get(key);
  if (!label) {
    const contents = jar.contents.map(({ fruit, percent }) => `${fruit.toUpperCase()} ${percent.toFixed(1)} %`);
    label = Buffer.from([`BATCH ${jar.batch}`, `JAR ${jar.number}`, ...contents].join('\n').padEnd(900, ' ')).toString('latin1');
    printed.set(key, label);
  }
  return label;
}
