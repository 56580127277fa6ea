import { Metadata } from '@grpc/grpc-js';
import { OTLPLogExporter as LogGrpc } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as LogJson } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as LogProtobuf } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as MetricGrpc } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as MetricJson } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as MetricProtobuf } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as TraceGrpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as TraceJson } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as TraceProtobuf } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

export type Protocol = 'http/json' | 'http/protobuf' | 'grpc';

export interface Target {
  readonly url: string;
  readonly grpcAddress: string;
  readonly key: string;
  readonly gzip: boolean;
}

export interface StockExporters {
  readonly spans: SpanExporter;
  readonly logs: LogRecordExporter;
  readonly metrics: PushMetricExporter;
}

/** OpenTelemetry's own JavaScript exporters for one protocol, pointed at a test server. */
export function createStockExporters(protocol: Protocol, target: Target): StockExporters {
  const compression = target.gzip ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE;
  if (protocol === 'grpc') {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${target.key}`);
    const options = { url: `http://${target.grpcAddress}`, metadata, compression };
    return {
      spans: new TraceGrpc(options),
      logs: new LogGrpc(options),
      metrics: new MetricGrpc(options),
    };
  }
  const headers = { authorization: `Bearer ${target.key}` };
  const options = (signal: string): object => ({
    url: `${target.url}/v1/${signal}`,
    headers,
    compression,
  });
  return protocol === 'http/json'
    ? {
        spans: new TraceJson(options('traces')),
        logs: new LogJson(options('logs')),
        metrics: new MetricJson(options('metrics')),
      }
    : {
        spans: new TraceProtobuf(options('traces')),
        logs: new LogProtobuf(options('logs')),
        metrics: new MetricProtobuf(options('metrics')),
      };
}
