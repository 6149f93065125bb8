// node memlab.mjs parse|full A B      memlab loads both files; `full` adds its shortest paths, dominators and retained sizes
import core from '@memlab/core';

const {analysis, info, utils} = core;
const [depth, ...files] = process.argv.slice(2);
info.overwrite = info.lowLevel = () => {};
for (const file of files) {
  const heap = await utils.getSnapshotFromFile(file, {buildNodeIdIndex: true});
  if (depth === 'full') analysis.preparePathFinder(heap);
  process.stdout.write(`${heap.nodes.length}\n`);
}
