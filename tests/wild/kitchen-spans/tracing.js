'use strict';
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { BasicTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');

function tracing(url) {
  const exporter = new OTLPTraceExporter({ url: `${url}/v1/traces`, timeoutMillis: 30_000 });
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  return provider.getTracer('kitchen', '3.1.0');
}

module.exports = { tracing };
