import { ByteBuilder } from '../base/byte-builder.ts';
import { DictionaryColumn } from '../base/dictionary-column.ts';
import type { Markable } from '../base/mark.ts';
import { Uint32Column } from '../base/number-column.ts';
import { StringColumn } from '../base/string-column.ts';
import { AttributeColumns } from './attribute-columns.ts';
import { NullableColumn } from './genai-columns.ts';

/** What a metric is: the field numbers of `opentelemetry.proto.metrics.v1.Metric.data`. */
export const METRIC_TYPE = {
  gauge: 5,
  sum: 7,
  histogram: 9,
  exponentialHistogram: 10,
  summary: 11,
} as const;

/** A column of lists of eight-byte numbers: row `r` has the items `ends[r - 1]` to `ends[r]`. */
export class ListColumn {
  readonly ends = new Uint32Column();
  readonly values = new ByteBuilder(4096);
  readonly parts: readonly Markable[] = [this.ends, this.values];

  /** Ends the row. */
  endRow(): void {
    this.ends.push(this.values.length / 8);
  }

  reset(): void {
    this.ends.reset();
    this.values.reset();
  }
}

/** Data points of every type of metric as columns, a row per point; fields that a type lacks are zero, null or empty. */
export class MetricColumns {
  readonly project = new DictionaryColumn();
  readonly name = new DictionaryColumn();
  readonly description = new DictionaryColumn();
  readonly unit = new DictionaryColumn();
  /** `Metric.metadata` as a JSON object; empty text when there is none. */
  readonly metadata = new DictionaryColumn();
  /** One of `METRIC_TYPE`. */
  readonly type = new ByteBuilder(1024);
  /** 0 unspecified, 1 delta, 2 cumulative. */
  readonly temporality = new ByteBuilder(1024);
  readonly monotonic = new ByteBuilder(1024);
  readonly start = new ByteBuilder(8 * 1024);
  readonly time = new ByteBuilder(8 * 1024);
  readonly flags = new ByteBuilder(4 * 1024);
  /** A number point's value as a double; null for other types, and where none was recorded. */
  readonly value = new NullableColumn();
  /** The same when it was sent as an int: all of its 64 bits. */
  readonly intValue = new NullableColumn();
  readonly pointCount = new ByteBuilder(8 * 1024);
  readonly sum = new NullableColumn();
  readonly min = new NullableColumn();
  readonly max = new NullableColumn();
  readonly bucketCounts = new ListColumn();
  readonly explicitBounds = new ListColumn();
  /** Signed 32 bits each. */
  readonly scale = new ByteBuilder(4 * 1024);
  readonly zeroCount = new ByteBuilder(8 * 1024);
  readonly zeroThreshold = new ByteBuilder(8 * 1024);
  readonly positiveOffset = new ByteBuilder(4 * 1024);
  readonly positiveCounts = new ListColumn();
  readonly negativeOffset = new ByteBuilder(4 * 1024);
  readonly negativeCounts = new ListColumn();
  /** A summary's quantiles, 0 to 1, and their values. */
  readonly quantiles = new ListColumn();
  readonly quantileValues = new ListColumn();
  /** OTLP/JSON array of exemplars; empty text when there are none. */
  readonly exemplars = new StringColumn();
  /** 16 bytes that are equal for the points of one stream: resource, scope, metric and attributes. */
  readonly streamId = new ByteBuilder(16 * 1024);
  readonly service = new DictionaryColumn();
  readonly resourceId = new ByteBuilder(16 * 1024);
  readonly scopeId = new ByteBuilder(16 * 1024);
  readonly scopeName = new DictionaryColumn();
  readonly attributes = new AttributeColumns();

  readonly #columns = [
    this.project,
    this.name,
    this.description,
    this.unit,
    this.metadata,
    this.type,
    this.temporality,
    this.monotonic,
    this.start,
    this.time,
    this.flags,
    this.pointCount,
    this.scale,
    this.zeroCount,
    this.zeroThreshold,
    this.positiveOffset,
    this.negativeOffset,
    this.exemplars,
    this.streamId,
    this.service,
    this.resourceId,
    this.scopeId,
    this.scopeName,
  ] as const;
  readonly #compound = [
    this.value,
    this.intValue,
    this.sum,
    this.min,
    this.max,
    this.bucketCounts,
    this.explicitBounds,
    this.positiveCounts,
    this.negativeCounts,
    this.quantiles,
    this.quantileValues,
    this.attributes,
  ] as const;
  readonly parts: readonly Markable[] = [
    ...this.#columns,
    ...this.#compound.flatMap((column) => column.parts),
  ];

  get count(): number {
    return this.name.ids.count;
  }

  reset(): void {
    for (const column of this.#columns) column.reset();
    for (const column of this.#compound) column.reset();
  }
}
