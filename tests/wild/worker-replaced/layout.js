'use strict';
const { parentPort } = require('node:worker_threads');

const widths = new Map(Array.from({ length: 5000 }, (_, code) => [code, { code, width: 5 + (code % 9), kern: `${code}`.repeat(6) }]));

parentPort.on('message', ({ job, paragraph }) => {
  // Some paragraphs never come to an end.
  if (paragraph.length % 7 === 0) return;
  const width = [...paragraph].reduce((sum, letter) => sum + (widths.get(letter.codePointAt(0))?.width ?? 0), 0);
  parentPort.postMessage({ job, height: Math.ceil(width / 400) });
});
