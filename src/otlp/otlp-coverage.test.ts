import { describe, expect, test } from 'vitest';

import type { Leaf } from '../../test/fixtures/otlp/complete-request.ts';
import { completeRequest } from '../../test/fixtures/otlp/complete-request.ts';
import { REQUESTS, toProtobufObject } from '../../test/fixtures/otlp/generated-request.ts';
import { plainColumns } from '../../test/fixtures/otlp/plain-columns.ts';
import { createEncoder } from '../../test/fixtures/otlp/protobuf-root.ts';
import { SIGNALS } from '../model/signal.ts';
import type { Signal } from '../model/signal.ts';
import { TelemetryColumns } from '../model/telemetry-columns.ts';
import { DIALECTS } from '../semconv/dialects.ts';
import { RUN_ROOT_NAMES } from '../semconv/run-root.ts';
import { SCHEMA } from './schema.ts';
import { TelemetryDecoder } from './telemetry-decoder.ts';

/** Where each field of a request is kept. What stands for a message stands for all fields below it. */
const COLUMNS: Readonly<Record<string, string>> = {
  'Resource.attributes': 'resources.attributes',
  'Resource.droppedAttributesCount': 'resources.droppedAttributes',
  'Resource.entityRefs': 'resources.entityRefs',
  'InstrumentationScope.name': 'scopes.names',
  'InstrumentationScope.version': 'scopes.versions',
  'InstrumentationScope.attributes': 'scopes.attributes',
  'InstrumentationScope.droppedAttributesCount': 'scopes.droppedAttributes',

  'ResourceSpans.schemaUrl': 'resources.schemaUrls',
  'ScopeSpans.schemaUrl': 'scopes.schemaUrls',
  'Span.traceId': 'spans.traceId',
  'Span.spanId': 'spans.spanId',
  'Span.traceState': 'spans.traceState',
  'Span.parentSpanId': 'spans.parentSpanId',
  'Span.flags': 'spans.flags',
  'Span.name': 'spans.name',
  'Span.kind': 'spans.kind',
  'Span.startTimeUnixNano': 'spans.start',
  'Span.endTimeUnixNano': 'spans.end',
  'Span.attributes': 'spans.attributes',
  'Span.droppedAttributesCount': 'spans.droppedAttributes',
  'Span.events': 'spans.events',
  'Span.droppedEventsCount': 'spans.droppedEvents',
  'Span.links': 'spans.links',
  'Span.droppedLinksCount': 'spans.droppedLinks',
  'Status.message': 'spans.statusMessage',
  'Status.code': 'spans.statusCode',

  'ResourceLogs.schemaUrl': 'resources.schemaUrls',
  'ScopeLogs.schemaUrl': 'scopes.schemaUrls',
  'LogRecord.timeUnixNano': 'logs.time',
  'LogRecord.observedTimeUnixNano': 'logs.observedTime',
  'LogRecord.severityNumber': 'logs.severityNumber',
  'LogRecord.severityText': 'logs.severityText',
  'LogRecord.body': 'logs.body',
  'LogRecord.attributes': 'logs.attributes',
  'LogRecord.droppedAttributesCount': 'logs.droppedAttributes',
  'LogRecord.flags': 'logs.flags',
  'LogRecord.traceId': 'logs.traceId',
  'LogRecord.spanId': 'logs.spanId',
  'LogRecord.eventName': 'logs.eventName',

  'ResourceMetrics.schemaUrl': 'resources.schemaUrls',
  'ScopeMetrics.schemaUrl': 'scopes.schemaUrls',
  'Metric.name': 'metrics.name',
  'Metric.description': 'metrics.description',
  'Metric.unit': 'metrics.unit',
  'Metric.metadata': 'metrics.metadata',
  'Sum.aggregationTemporality': 'metrics.temporality',
  'Sum.isMonotonic': 'metrics.monotonic',
  'Histogram.aggregationTemporality': 'metrics.temporality',
  'ExponentialHistogram.aggregationTemporality': 'metrics.temporality',
  'NumberDataPoint.attributes': 'metrics.attributes',
  'NumberDataPoint.startTimeUnixNano': 'metrics.start',
  'NumberDataPoint.timeUnixNano': 'metrics.time',
  'NumberDataPoint.asDouble': 'metrics.value',
  'NumberDataPoint.asInt': 'metrics.intValue',
  'NumberDataPoint.exemplars': 'metrics.exemplars',
  'NumberDataPoint.flags': 'metrics.flags',
  'HistogramDataPoint.attributes': 'metrics.attributes',
  'HistogramDataPoint.startTimeUnixNano': 'metrics.start',
  'HistogramDataPoint.timeUnixNano': 'metrics.time',
  'HistogramDataPoint.count': 'metrics.pointCount',
  'HistogramDataPoint.sum': 'metrics.sum',
  'HistogramDataPoint.bucketCounts': 'metrics.bucketCounts',
  'HistogramDataPoint.explicitBounds': 'metrics.explicitBounds',
  'HistogramDataPoint.exemplars': 'metrics.exemplars',
  'HistogramDataPoint.flags': 'metrics.flags',
  'HistogramDataPoint.min': 'metrics.min',
  'HistogramDataPoint.max': 'metrics.max',
  'ExponentialHistogramDataPoint.attributes': 'metrics.attributes',
  'ExponentialHistogramDataPoint.startTimeUnixNano': 'metrics.start',
  'ExponentialHistogramDataPoint.timeUnixNano': 'metrics.time',
  'ExponentialHistogramDataPoint.count': 'metrics.pointCount',
  'ExponentialHistogramDataPoint.sum': 'metrics.sum',
  'ExponentialHistogramDataPoint.scale': 'metrics.scale',
  'ExponentialHistogramDataPoint.zeroCount': 'metrics.zeroCount',
  'ExponentialHistogramDataPoint.zeroThreshold': 'metrics.zeroThreshold',
  'ExponentialHistogramDataPoint.positive/Buckets.offset': 'metrics.positiveOffset',
  'ExponentialHistogramDataPoint.positive/Buckets.bucketCounts': 'metrics.positiveCounts',
  'ExponentialHistogramDataPoint.negative/Buckets.offset': 'metrics.negativeOffset',
  'ExponentialHistogramDataPoint.negative/Buckets.bucketCounts': 'metrics.negativeCounts',
  'ExponentialHistogramDataPoint.exemplars': 'metrics.exemplars',
  'ExponentialHistogramDataPoint.flags': 'metrics.flags',
  'ExponentialHistogramDataPoint.min': 'metrics.min',
  'ExponentialHistogramDataPoint.max': 'metrics.max',
  'SummaryDataPoint.attributes': 'metrics.attributes',
  'SummaryDataPoint.startTimeUnixNano': 'metrics.start',
  'SummaryDataPoint.timeUnixNano': 'metrics.time',
  'SummaryDataPoint.count': 'metrics.pointCount',
  'SummaryDataPoint.sum': 'metrics.sum',
  'SummaryDataPoint.quantileValues/ValueAtQuantile.quantile': 'metrics.quantiles',
  'SummaryDataPoint.quantileValues/ValueAtQuantile.value': 'metrics.quantileValues',
  'SummaryDataPoint.flags': 'metrics.flags',
};

/** Fields that are kept nowhere, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'KeyValue.keyStrindex': 'an index into a string table that only profiles have',
  'AnyValue.stringValueStrindex': 'an index into a string table that only profiles have',
};

const encode = createEncoder();

function columnOf(path: readonly string[]): string {
  for (let from = path.length - 1; from >= 0; from--) {
    const column = COLUMNS[path[from]!] ?? COLUMNS[path.slice(from - 1, from + 1).join('/')];
    if (column !== undefined) return column;
  }
  return 'no column';
}

function decoded(signal: Signal): { columns: Record<string, unknown>; leaves: readonly Leaf[] } {
  const { message, leaves } = completeRequest(signal, new Set(Object.keys(EXCEPTIONS)));
  const decoder = new TelemetryDecoder(new TelemetryColumns(), {
    dialects: DIALECTS,
    runRootNames: RUN_ROOT_NAMES,
  });
  const body = encode(REQUESTS[signal], toProtobufObject(message) as object);
  const outcome = decoder.decode(signal, body, { project: 'default', receivedAtMs: 0 });
  expect(outcome).toMatchObject({ rejected: 0, message: '' });
  return { columns: plainColumns(decoder.columns) as Record<string, unknown>, leaves };
}

describe.each(SIGNALS)('every field of a request of %s', (signal) => {
  test('is found in its column', () => {
    const { columns, leaves } = decoded(signal);
    const lost = leaves.filter(({ path, needle }) => {
      const column = columnOf(path);
      const [table, name] = column.split('.');
      const values = (columns[table!] as Record<string, unknown> | undefined)?.[name!];
      return values === undefined || !needle.test(JSON.stringify(values));
    });
    expect(lost.map(({ path }) => `${path.join(' → ')}: ${columnOf(path)}`)).toEqual([]);
    expect(leaves.length).toBeGreaterThan(50);
  });
});

test('the requests set every field of the protocol but the written exceptions', () => {
  const set = new Set(
    SIGNALS.flatMap((signal) =>
      completeRequest(signal, new Set(Object.keys(EXCEPTIONS))).leaves.map(({ path }) =>
        path.at(-1),
      ),
    ),
  );
  const missing = Object.entries(SCHEMA)
    .filter(([name]) => !/^Export.*(Response|Success)$/.test(name))
    .flatMap(([name, { fields }]) =>
      Object.entries(fields)
        .filter(([, { type }]) => type !== 'message')
        .map(([key]) => `${name}.${key}`),
    )
    .filter((field) => !set.has(field));
  expect(missing.sort()).toEqual(Object.keys(EXCEPTIONS).sort());
});

test('every column of the table is named by a field that exists', () => {
  const known = new Set(
    Object.entries(SCHEMA).flatMap(([name, { fields }]) =>
      Object.keys(fields).map((key) => `${name}.${key}`),
    ),
  );
  const unknown = Object.keys(COLUMNS)
    .flatMap((path) => path.split('/'))
    .filter((field) => !known.has(field));
  expect(unknown).toEqual([]);
});
