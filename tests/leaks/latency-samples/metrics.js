'use strict';

const latencies = [];

function observe(ms) {
  latencies.push(ms);
}

function percentile(p) {
  const sorted = Float64Array.from(latencies).sort();
  return sorted[Math.floor(sorted.length * p)] ?? 0;
}

module.exports = { observe, percentile };
