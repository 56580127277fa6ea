import {
  context,
  metrics,
  propagation,
  trace,
  type Attributes,
  type SpanKind,
  type SpanStatus,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type Histogram,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';

import { guardBaggage } from '../baggage-guard.ts';
import { trustedHosts } from '../trusted-hosts.ts';

export interface RecordedSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parent: string | undefined;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  /** Name of the event, and type and message of its exception. */
  readonly events: readonly (readonly unknown[])[];
}

export interface RecordedHistogram {
  readonly name: string;
  readonly unit: string;
  readonly boundaries: readonly number[];
  readonly points: readonly { attributes: Attributes; count: number; sum: number | undefined }[];
}

/** A stock set-up of OpenTelemetry, as a user may have one, that keeps what it is given. */
export interface Recorded {
  spans(): RecordedSpan[];
  raw(): ReadableSpan[];
  /** Resolves when so many spans have ended. */
  ended(count: number): Promise<void>;
  /** The id of the first span of that name. */
  idOf(name: string): string | undefined;
  histograms(): Promise<RecordedHistogram[]>;
  stop(): Promise<void>;
}

export function recordTelemetry(): Recorded {
  const exporter = new InMemorySpanExporter();
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const tracers = new BasicTracerProvider({
    spanProcessors: [
      new SimpleSpanProcessor(exporter),
      {
        onStart: () => undefined,
        onEnd() {
          const { length } = exporter.getFinishedSpans();
          for (const { count, resolve } of waiting) if (length >= count) resolve();
        },
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: points,
    exportIntervalMillis: 3_600_000,
  });
  const meters = new MeterProvider({ readers: [reader] });
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [
        new W3CTraceContextPropagator(),
        guardBaggage(new W3CBaggagePropagator(), trustedHosts([])),
      ],
    }),
  );
  return {
    spans: () => exporter.getFinishedSpans().map(shown),
    raw: () => exporter.getFinishedSpans(),
    ended: (count) =>
      new Promise((resolve) => {
        if (exporter.getFinishedSpans().length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    idOf: (name) =>
      exporter
        .getFinishedSpans()
        .find((span) => span.name === name)
        ?.spanContext().spanId,
    async histograms() {
      points.reset();
      await reader.forceFlush();
      return points
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
        .map(({ descriptor, dataPoints }) => {
          const values = dataPoints.map((point) => point.value as Histogram);
          return {
            name: descriptor.name,
            unit: descriptor.unit,
            boundaries: values[0]?.buckets.boundaries ?? [],
            points: dataPoints.map(({ attributes }, at) => ({
              attributes,
              count: values[at]!.count,
              sum: values[at]!.sum,
            })),
          };
        });
    },
    async stop() {
      await Promise.all([tracers.shutdown(), meters.shutdown()]);
      for (const api of [trace, metrics, context, propagation]) api.disable();
    },
  };
}

function shown(span: ReadableSpan): RecordedSpan {
  return {
    name: span.name,
    kind: span.kind,
    parent: span.parentSpanContext?.spanId,
    status: span.status,
    attributes: span.attributes,
    events: span.events.map(({ name, attributes = {} }) => [
      name,
      attributes['exception.type'],
      attributes['exception.message'],
    ]),
  };
}
