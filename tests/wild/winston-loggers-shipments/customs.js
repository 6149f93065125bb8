'use strict';
const { logger } = require('./log');

/** Declares a shipment; each of its lines is checked. */
async function declare({ id, lines }) {
  const log = logger(`customs:${id}`);
  log.info('declared', { lines: lines.length });
  let duty = 0;
  for (const { code, cents } of lines) duty += code % 2 ? cents * 0.05 : 0;
  await new Promise((resolve) => setTimeout(resolve, 15));
  log.info('cleared', { duty });
  return duty;
}

module.exports = { declare };
