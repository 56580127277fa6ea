import { createRequire } from 'node:module';

import type * as Logs from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import type * as Metrics from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import type * as Traces from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import type * as Base from '@opentelemetry/otlp-grpc-exporter-base';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

import type { PipelineOptions } from './telemetry-options.ts';

/** Undefined for a signal that is not exported. */
export interface Exporters {
  readonly traces: SpanExporter | undefined;
  readonly metrics: PushMetricExporter | undefined;
  readonly logs: LogRecordExporter | undefined;
}

type ExporterOf<T> = new (config: object) => T;

interface ExporterKinds {
  readonly traces: ExporterOf<SpanExporter>;
  readonly metrics: ExporterOf<PushMetricExporter>;
  readonly logs: ExporterOf<LogRecordExporter>;
  /** How headers are given to the three. */
  readonly withHeaders: (headers: Readonly<Record<string, string>>) => object;
}

export function createExporters({ protocol, urls, headers }: PipelineOptions): Exporters {
  const kinds = protocol === 'grpc' ? grpcKinds() : HTTP[protocol];
  const shared = kinds.withHeaders(headers);
  const create = <T>(Exporter: ExporterOf<T>, url: string | undefined): T | undefined =>
    url === undefined ? undefined : new Exporter({ ...shared, url });
  return {
    traces: create(kinds.traces, urls.traces),
    metrics: create(kinds.metrics, urls.metrics),
    logs: create(kinds.logs, urls.logs),
  };
}

const withHeaders = (headers: Readonly<Record<string, string>>): object => ({ headers });

const HTTP: Readonly<Record<'http/protobuf' | 'http/json', ExporterKinds>> = {
  'http/protobuf': {
    traces: ProtobufTraces,
    metrics: ProtobufMetrics,
    logs: ProtobufLogs,
    withHeaders,
  },
  'http/json': { traces: JsonTraces, metrics: JsonMetrics, logs: JsonLogs, withHeaders },
};

/** Loaded when it is used and not before: gRPC is most of what would have to be loaded. */
function grpcKinds(): ExporterKinds {
  const load = createRequire(import.meta.url);
  const base = load('@opentelemetry/otlp-grpc-exporter-base') as typeof Base;
  return {
    traces: (load('@opentelemetry/exporter-trace-otlp-grpc') as typeof Traces).OTLPTraceExporter,
    metrics: (load('@opentelemetry/exporter-metrics-otlp-grpc') as typeof Metrics)
      .OTLPMetricExporter,
    logs: (load('@opentelemetry/exporter-logs-otlp-grpc') as typeof Logs).OTLPLogExporter,
    withHeaders(headers) {
      const metadata = base.createEmptyMetadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      return { metadata };
    },
  };
}
