/**
 * The OTLP messages of traces, logs and metrics (opentelemetry-proto 1.x), by their short names. Everything
 * that walks messages by name is driven by this table; the decoders of the hot path are checked against it.
 */

export type ScalarType =
  | 'string'
  | 'bytes'
  /** Bytes that JSON writes in hexadecimal: trace and span ids. */
  | 'hex'
  | 'bool'
  | 'int32'
  | 'uint32'
  | 'sint32'
  | 'fixed32'
  | 'int64'
  | 'uint64'
  | 'fixed64'
  | 'sfixed64'
  | 'double';

export interface FieldSchema {
  readonly number: number;
  readonly type: ScalarType | 'enum' | 'message';
  /** The message's name in `SCHEMA`. */
  readonly message?: string;
  /** An enum's numbers by name. */
  readonly values?: Readonly<Record<string, number>>;
  readonly repeated?: true;
  /** Whether an absent field differs from one that is zero or empty: `optional` and `oneof` fields. */
  readonly presence?: true;
}

export interface MessageSchema {
  /** The package and outer messages: the rest of the full name. */
  readonly within: string;
  /** Fields by their lowerCamelCase names. */
  readonly fields: Readonly<Record<string, FieldSchema>>;
  /** A fault in it costs the item and not the request. */
  readonly item?: true;
}

const COMMON = 'opentelemetry.proto.common.v1';
const RESOURCE = 'opentelemetry.proto.resource.v1';
const TRACE = 'opentelemetry.proto.trace.v1';
const LOGS = 'opentelemetry.proto.logs.v1';
const METRICS = 'opentelemetry.proto.metrics.v1';

const scalar = (number: number, type: ScalarType): FieldSchema => ({ number, type });
const optional = (number: number, type: ScalarType): FieldSchema => ({
  number,
  type,
  presence: true,
});
const scalars = (number: number, type: ScalarType): FieldSchema => ({
  number,
  type,
  repeated: true,
});
const one = (number: number, message: string): FieldSchema => ({
  number,
  type: 'message',
  message,
  presence: true,
});
const many = (number: number, message: string): FieldSchema => ({
  number,
  type: 'message',
  message,
  repeated: true,
});
const choice = (number: number, prefix: string, names: readonly string[]): FieldSchema => ({
  number,
  type: 'enum',
  values: Object.fromEntries(names.map((name, value) => [`${prefix}_${name}`, value])),
});

const severities = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) => [
  name,
  `${name}2`,
  `${name}3`,
  `${name}4`,
]);
const temporality = choice(2, 'AGGREGATION_TEMPORALITY', ['UNSPECIFIED', 'DELTA', 'CUMULATIVE']);

export const SCHEMA: Readonly<Record<string, MessageSchema>> = {
  AnyValue: {
    within: COMMON,
    fields: {
      stringValue: optional(1, 'string'),
      boolValue: optional(2, 'bool'),
      intValue: optional(3, 'int64'),
      doubleValue: optional(4, 'double'),
      arrayValue: one(5, 'ArrayValue'),
      kvlistValue: one(6, 'KeyValueList'),
      bytesValue: optional(7, 'bytes'),
      stringValueStrindex: optional(8, 'int32'),
    },
  },
  ArrayValue: { within: COMMON, fields: { values: many(1, 'AnyValue') } },
  KeyValueList: { within: COMMON, fields: { values: many(1, 'KeyValue') } },
  KeyValue: {
    within: COMMON,
    fields: {
      key: scalar(1, 'string'),
      value: one(2, 'AnyValue'),
      keyStrindex: scalar(3, 'int32'),
    },
  },
  InstrumentationScope: {
    within: COMMON,
    fields: {
      name: scalar(1, 'string'),
      version: scalar(2, 'string'),
      attributes: many(3, 'KeyValue'),
      droppedAttributesCount: scalar(4, 'uint32'),
    },
  },
  EntityRef: {
    within: COMMON,
    fields: {
      schemaUrl: scalar(1, 'string'),
      type: scalar(2, 'string'),
      idKeys: scalars(3, 'string'),
      descriptionKeys: scalars(4, 'string'),
    },
  },
  Resource: {
    within: RESOURCE,
    fields: {
      attributes: many(1, 'KeyValue'),
      droppedAttributesCount: scalar(2, 'uint32'),
      entityRefs: many(3, 'EntityRef'),
    },
  },

  ExportTraceServiceRequest: {
    within: 'opentelemetry.proto.collector.trace.v1',
    fields: { resourceSpans: many(1, 'ResourceSpans') },
  },
  ExportTraceServiceResponse: {
    within: 'opentelemetry.proto.collector.trace.v1',
    fields: { partialSuccess: one(1, 'ExportTracePartialSuccess') },
  },
  ExportTracePartialSuccess: {
    within: 'opentelemetry.proto.collector.trace.v1',
    fields: { rejectedSpans: scalar(1, 'int64'), errorMessage: scalar(2, 'string') },
  },
  ResourceSpans: {
    within: TRACE,
    fields: {
      resource: one(1, 'Resource'),
      scopeSpans: many(2, 'ScopeSpans'),
      schemaUrl: scalar(3, 'string'),
    },
  },
  ScopeSpans: {
    within: TRACE,
    fields: {
      scope: one(1, 'InstrumentationScope'),
      spans: many(2, 'Span'),
      schemaUrl: scalar(3, 'string'),
    },
  },
  Span: {
    within: TRACE,
    item: true,
    fields: {
      traceId: scalar(1, 'hex'),
      spanId: scalar(2, 'hex'),
      traceState: scalar(3, 'string'),
      parentSpanId: scalar(4, 'hex'),
      name: scalar(5, 'string'),
      kind: choice(6, 'SPAN_KIND', [
        'UNSPECIFIED',
        'INTERNAL',
        'SERVER',
        'CLIENT',
        'PRODUCER',
        'CONSUMER',
      ]),
      startTimeUnixNano: scalar(7, 'fixed64'),
      endTimeUnixNano: scalar(8, 'fixed64'),
      attributes: many(9, 'KeyValue'),
      droppedAttributesCount: scalar(10, 'uint32'),
      events: many(11, 'Event'),
      droppedEventsCount: scalar(12, 'uint32'),
      links: many(13, 'Link'),
      droppedLinksCount: scalar(14, 'uint32'),
      status: one(15, 'Status'),
      flags: scalar(16, 'fixed32'),
    },
  },
  Event: {
    within: `${TRACE}.Span`,
    fields: {
      timeUnixNano: scalar(1, 'fixed64'),
      name: scalar(2, 'string'),
      attributes: many(3, 'KeyValue'),
      droppedAttributesCount: scalar(4, 'uint32'),
    },
  },
  Link: {
    within: `${TRACE}.Span`,
    fields: {
      traceId: scalar(1, 'hex'),
      spanId: scalar(2, 'hex'),
      traceState: scalar(3, 'string'),
      attributes: many(4, 'KeyValue'),
      droppedAttributesCount: scalar(5, 'uint32'),
      flags: scalar(6, 'fixed32'),
    },
  },
  Status: {
    within: TRACE,
    fields: {
      message: scalar(2, 'string'),
      code: choice(3, 'STATUS_CODE', ['UNSET', 'OK', 'ERROR']),
    },
  },

  ExportLogsServiceRequest: {
    within: 'opentelemetry.proto.collector.logs.v1',
    fields: { resourceLogs: many(1, 'ResourceLogs') },
  },
  ExportLogsServiceResponse: {
    within: 'opentelemetry.proto.collector.logs.v1',
    fields: { partialSuccess: one(1, 'ExportLogsPartialSuccess') },
  },
  ExportLogsPartialSuccess: {
    within: 'opentelemetry.proto.collector.logs.v1',
    fields: { rejectedLogRecords: scalar(1, 'int64'), errorMessage: scalar(2, 'string') },
  },
  ResourceLogs: {
    within: LOGS,
    fields: {
      resource: one(1, 'Resource'),
      scopeLogs: many(2, 'ScopeLogs'),
      schemaUrl: scalar(3, 'string'),
    },
  },
  ScopeLogs: {
    within: LOGS,
    fields: {
      scope: one(1, 'InstrumentationScope'),
      logRecords: many(2, 'LogRecord'),
      schemaUrl: scalar(3, 'string'),
    },
  },
  LogRecord: {
    within: LOGS,
    item: true,
    fields: {
      timeUnixNano: scalar(1, 'fixed64'),
      severityNumber: choice(2, 'SEVERITY_NUMBER', ['UNSPECIFIED', ...severities]),
      severityText: scalar(3, 'string'),
      body: one(5, 'AnyValue'),
      attributes: many(6, 'KeyValue'),
      droppedAttributesCount: scalar(7, 'uint32'),
      flags: scalar(8, 'fixed32'),
      traceId: scalar(9, 'hex'),
      spanId: scalar(10, 'hex'),
      observedTimeUnixNano: scalar(11, 'fixed64'),
      eventName: scalar(12, 'string'),
    },
  },

  ExportMetricsServiceRequest: {
    within: 'opentelemetry.proto.collector.metrics.v1',
    fields: { resourceMetrics: many(1, 'ResourceMetrics') },
  },
  ExportMetricsServiceResponse: {
    within: 'opentelemetry.proto.collector.metrics.v1',
    fields: { partialSuccess: one(1, 'ExportMetricsPartialSuccess') },
  },
  ExportMetricsPartialSuccess: {
    within: 'opentelemetry.proto.collector.metrics.v1',
    fields: { rejectedDataPoints: scalar(1, 'int64'), errorMessage: scalar(2, 'string') },
  },
  ResourceMetrics: {
    within: METRICS,
    fields: {
      resource: one(1, 'Resource'),
      scopeMetrics: many(2, 'ScopeMetrics'),
      schemaUrl: scalar(3, 'string'),
    },
  },
  ScopeMetrics: {
    within: METRICS,
    fields: {
      scope: one(1, 'InstrumentationScope'),
      metrics: many(2, 'Metric'),
      schemaUrl: scalar(3, 'string'),
    },
  },
  Metric: {
    within: METRICS,
    item: true,
    fields: {
      name: scalar(1, 'string'),
      description: scalar(2, 'string'),
      unit: scalar(3, 'string'),
      gauge: one(5, 'Gauge'),
      sum: one(7, 'Sum'),
      histogram: one(9, 'Histogram'),
      exponentialHistogram: one(10, 'ExponentialHistogram'),
      summary: one(11, 'Summary'),
      metadata: many(12, 'KeyValue'),
    },
  },
  Gauge: { within: METRICS, fields: { dataPoints: many(1, 'NumberDataPoint') } },
  Sum: {
    within: METRICS,
    fields: {
      dataPoints: many(1, 'NumberDataPoint'),
      aggregationTemporality: temporality,
      isMonotonic: scalar(3, 'bool'),
    },
  },
  Histogram: {
    within: METRICS,
    fields: {
      dataPoints: many(1, 'HistogramDataPoint'),
      aggregationTemporality: temporality,
    },
  },
  ExponentialHistogram: {
    within: METRICS,
    fields: {
      dataPoints: many(1, 'ExponentialHistogramDataPoint'),
      aggregationTemporality: temporality,
    },
  },
  Summary: { within: METRICS, fields: { dataPoints: many(1, 'SummaryDataPoint') } },
  NumberDataPoint: {
    within: METRICS,
    item: true,
    fields: {
      startTimeUnixNano: scalar(2, 'fixed64'),
      timeUnixNano: scalar(3, 'fixed64'),
      asDouble: optional(4, 'double'),
      exemplars: many(5, 'Exemplar'),
      asInt: optional(6, 'sfixed64'),
      attributes: many(7, 'KeyValue'),
      flags: scalar(8, 'uint32'),
    },
  },
  HistogramDataPoint: {
    within: METRICS,
    item: true,
    fields: {
      startTimeUnixNano: scalar(2, 'fixed64'),
      timeUnixNano: scalar(3, 'fixed64'),
      count: scalar(4, 'fixed64'),
      sum: optional(5, 'double'),
      bucketCounts: scalars(6, 'fixed64'),
      explicitBounds: scalars(7, 'double'),
      exemplars: many(8, 'Exemplar'),
      attributes: many(9, 'KeyValue'),
      flags: scalar(10, 'uint32'),
      min: optional(11, 'double'),
      max: optional(12, 'double'),
    },
  },
  ExponentialHistogramDataPoint: {
    within: METRICS,
    item: true,
    fields: {
      attributes: many(1, 'KeyValue'),
      startTimeUnixNano: scalar(2, 'fixed64'),
      timeUnixNano: scalar(3, 'fixed64'),
      count: scalar(4, 'fixed64'),
      sum: optional(5, 'double'),
      scale: scalar(6, 'sint32'),
      zeroCount: scalar(7, 'fixed64'),
      positive: one(8, 'Buckets'),
      negative: one(9, 'Buckets'),
      flags: scalar(10, 'uint32'),
      exemplars: many(11, 'Exemplar'),
      min: optional(12, 'double'),
      max: optional(13, 'double'),
      zeroThreshold: scalar(14, 'double'),
    },
  },
  Buckets: {
    within: `${METRICS}.ExponentialHistogramDataPoint`,
    fields: { offset: scalar(1, 'sint32'), bucketCounts: scalars(2, 'uint64') },
  },
  SummaryDataPoint: {
    within: METRICS,
    item: true,
    fields: {
      startTimeUnixNano: scalar(2, 'fixed64'),
      timeUnixNano: scalar(3, 'fixed64'),
      count: scalar(4, 'fixed64'),
      sum: scalar(5, 'double'),
      quantileValues: many(6, 'ValueAtQuantile'),
      attributes: many(7, 'KeyValue'),
      flags: scalar(8, 'uint32'),
    },
  },
  ValueAtQuantile: {
    within: `${METRICS}.SummaryDataPoint`,
    fields: { quantile: scalar(1, 'double'), value: scalar(2, 'double') },
  },
  Exemplar: {
    within: METRICS,
    fields: {
      timeUnixNano: scalar(2, 'fixed64'),
      asDouble: optional(3, 'double'),
      spanId: scalar(4, 'hex'),
      traceId: scalar(5, 'hex'),
      asInt: optional(6, 'sfixed64'),
      filteredAttributes: many(7, 'KeyValue'),
    },
  },
};
