'use strict';
const { AggregationTemporality, MeterProvider, MetricReader } = require('@opentelemetry/sdk-metrics');

/** Sends what was counted, as often as whoever gets it wants. */
class Every extends MetricReader {
  constructor(ms, send) {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
    this.timer = setInterval(async () => send((await this.collect()).resourceMetrics), ms);
  }

  async onForceFlush() {}

  async onShutdown() {
    clearInterval(this.timer);
  }
}

const sent = { display: 0, bill: 0 };
const provider = new MeterProvider();
provider.addMetricReader(new Every(200, (metrics) => (sent.display += metrics.scopeMetrics.length)));
provider.addMetricReader(new Every(1000, (metrics) => (sent.bill += metrics.scopeMetrics.length)));

module.exports = { entered: provider.getMeter('garage').createCounter('cars_entered') };
