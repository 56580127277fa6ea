import { randomUUID } from 'node:crypto';

import {
  context,
  metrics,
  propagation,
  trace,
  type Context,
  type TracerProvider,
} from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  CompositePropagator,
  setGlobalErrorHandler,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type ReadableSpan,
  type Span,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';

import { guardBaggage, judgeSender } from './baggage-guard.ts';
import { contextAttributes } from './context-identity.ts';
import { instrumentHttp } from './http-instrumentation.ts';
import { suppressNoise } from './noise.ts';
import { createExporters, type Exporters } from './otlp-exporters.ts';
import type { PipelineOptions } from './telemetry-options.ts';
import { trustedHosts, type HostTest } from './trusted-hosts.ts';
import { SCOPE_NAME, VERSION } from './version.ts';

/** The providers behind OpenTelemetry's API, once they are started. */
export interface TelemetryPipeline {
  flush(): Promise<void>;
  shutdown(): Promise<void>;
}

const EXPORT_MS_MAX = 10_000;

/**
 * Sets up traces, metrics and logs and registers them as the process's. `onError` hears of what could not be sent.
 * Undefined when the program has registered providers of its own: those stay, and the instrumentation uses them.
 */
export function startPipeline(
  options: PipelineOptions,
  onError: (error: unknown) => void,
): TelemetryPipeline | undefined {
  if (isSetUpAlready()) return undefined;
  setGlobalErrorHandler(onError);
  const resource = resourceOf(options);
  const exporters = createExporters(options);
  const isTrusted = trustedHosts(options.settings.baggageHosts);
  const tracers = createTracers(options, resource, exporters, isTrusted);
  const meters = createMeters(options, resource, exporters);
  const loggers = createLoggers(resource, exporters);
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
  logs.setGlobalLoggerProvider(loggers);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [
        new W3CTraceContextPropagator(),
        guardBaggage(new W3CBaggagePropagator(), isTrusted),
      ],
    }),
  );
  const restoreHttp = instrumentHttp(tracers, meters);
  const providers = [tracers, meters, loggers];
  const all = async (work: (provider: (typeof providers)[number]) => Promise<void>) => {
    const results = await Promise.allSettled(providers.map(work));
    for (const result of results) if (result.status === 'rejected') onError(result.reason);
  };
  return {
    flush: () => all((provider) => provider.forceFlush()),
    async shutdown() {
      restoreHttp();
      await all((provider) => provider.shutdown());
      for (const api of [trace, metrics, logs, context, propagation]) api.disable();
    },
  };
}

/** Whether the global tracer provider is more than the API's own that does nothing. */
function isSetUpAlready(): boolean {
  const provider = trace.getTracerProvider() as TracerProvider & {
    getDelegate?: () => TracerProvider;
  };
  const actual = provider.getDelegate?.() ?? provider;
  return actual.constructor.name !== 'NoopTracerProvider';
}

function resourceOf(options: PipelineOptions): Resource {
  return defaultResource()
    .merge(
      resourceFromAttributes({
        'service.instance.id': randomUUID(),
        'telemetry.distro.name': SCOPE_NAME,
        'telemetry.distro.version': VERSION,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes({ ...options.resource, 'service.name': options.serviceName }));
}

function createTracers(
  options: PipelineOptions,
  resource: Resource,
  exporters: Exporters,
  isTrusted: HostTest,
): BasicTracerProvider {
  const processors: SpanProcessor[] = [contextProcessor(isTrusted)];
  if (exporters.traces !== undefined) {
    const batch = new BatchSpanProcessor(exporters.traces, {
      exportTimeoutMillis: EXPORT_MS_MAX,
      ...(options.spanDelayMs === undefined ? {} : { scheduledDelayMillis: options.spanDelayMs }),
    });
    processors.push(suppressNoise<Span, ReadableSpan>(batch, options.noise));
  }
  return new BasicTracerProvider({
    resource,
    spanProcessors: processors,
    ...(options.sampling === undefined
      ? {}
      : {
          sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sampling) }),
        }),
  });
}

function createMeters(
  options: PipelineOptions,
  resource: Resource,
  exporters: Exporters,
): MeterProvider {
  if (exporters.metrics === undefined) return new MeterProvider({ resource });
  const reader = new PeriodicExportingMetricReader({
    exporter: exporters.metrics,
    exportIntervalMillis: options.metricIntervalMs,
    exportTimeoutMillis: Math.min(EXPORT_MS_MAX, options.metricIntervalMs),
  });
  return new MeterProvider({ resource, readers: [reader] });
}

function createLoggers(resource: Resource, exporters: Exporters): LoggerProvider {
  const processors =
    exporters.logs === undefined
      ? []
      : [
          new BatchLogRecordProcessor({
            exporter: exporters.logs,
            exportTimeoutMillis: EXPORT_MS_MAX,
          }),
        ];
  return new LoggerProvider({ resource, processors });
}

/** Puts conversation, user and agent on every span, and decides whose baggage is believed. */
function contextProcessor(isTrusted: HostTest): SpanProcessor {
  return {
    onStart(span: Span, parent: Context) {
      judgeSender(span, parent, isTrusted);
      if (span.instrumentationScope.name === SCOPE_NAME) return;
      span.setAttributes(contextAttributes(parent));
    },
    onEnd: () => undefined,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}
