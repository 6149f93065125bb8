import { metrics } from '@opentelemetry/api';
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';

// In place of a collector somewhere else.
const nowhere: PushMetricExporter = {
  export: (_: ResourceMetrics, done) => done({ code: 0 }),
  selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
  forceFlush: async () => undefined,
  shutdown: async () => undefined,
};
const reader = new PeriodicExportingMetricReader({ exporter: nowhere, exportIntervalMillis: 8000 });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

const requests = metrics.getMeter('api').createCounter('api.requests');

export function counted(country: string, basket: string): void {
  requests.add(1, { country, basket });
}
