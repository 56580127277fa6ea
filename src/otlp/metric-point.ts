import { ByteBuilder } from '../base/byte-builder.ts';
import { METRIC_TYPE } from '../model/metric-columns.ts';
import type { AttributeDecoder } from './attribute-decoder.ts';
import { writeExemplar } from './exemplar-json.ts';
import { JsonWriter } from './json-writer.ts';
import { MalformedError, ProtobufReader, WIRE } from './protobuf-reader.ts';
import { INVALID_FIELD } from './transcode-json.ts';
import { isBeyond2106 } from './unix-nano.ts';

type Role =
  | 'attributes'
  | 'start'
  | 'time'
  | 'flags'
  | 'asDouble'
  | 'asInt'
  | 'exemplars'
  | 'count'
  | 'sum'
  | 'min'
  | 'max'
  | 'bucketCounts'
  | 'explicitBounds'
  | 'scale'
  | 'zeroCount'
  | 'zeroThreshold'
  | 'positive'
  | 'negative'
  | 'quantileValues';

/** What each field number means, by type of metric: the types agree on names and not on numbers. */
const NUMBER_POINT: readonly (Role | undefined)[] = [
  undefined,
  undefined,
  'start',
  'time',
  'asDouble',
  'exemplars',
  'asInt',
  'attributes',
  'flags',
];
const ROLES: Readonly<Record<number, readonly (Role | undefined)[]>> = {
  [METRIC_TYPE.gauge]: NUMBER_POINT,
  [METRIC_TYPE.sum]: NUMBER_POINT,
  [METRIC_TYPE.histogram]: [
    undefined,
    undefined,
    'start',
    'time',
    'count',
    'sum',
    'bucketCounts',
    'explicitBounds',
    'exemplars',
    'attributes',
    'flags',
    'min',
    'max',
  ],
  [METRIC_TYPE.exponentialHistogram]: [
    undefined,
    'attributes',
    'start',
    'time',
    'count',
    'sum',
    'scale',
    'zeroCount',
    'positive',
    'negative',
    'flags',
    'exemplars',
    'min',
    'max',
    'zeroThreshold',
  ],
  [METRIC_TYPE.summary]: [
    undefined,
    undefined,
    'start',
    'time',
    'count',
    'sum',
    'quantileValues',
    'attributes',
    'flags',
  ],
};

/** One data point of any type. Positions are of eight bytes in the request, or -1 when the field is absent. */
export class MetricPoint {
  start = -1;
  time = -1;
  flags = 0;
  asDouble = -1;
  asInt = -1;
  count = -1;
  sum = -1;
  min = -1;
  max = -1;
  scale = 0;
  zeroCount = -1;
  zeroThreshold = -1;
  positiveOffset = 0;
  negativeOffset = 0;
  exemplarCount = 0;
  /** Eight bytes each. */
  readonly bucketCounts = new ByteBuilder(1024);
  readonly explicitBounds = new ByteBuilder(1024);
  readonly positiveCounts = new ByteBuilder(1024);
  readonly negativeCounts = new ByteBuilder(1024);
  readonly quantiles = new ByteBuilder(256);
  readonly quantileValues = new ByteBuilder(256);
  readonly exemplars = new JsonWriter();
  /** Why the point cannot be kept, or ''. */
  problem = '';
  readonly #attributes: AttributeDecoder;
  readonly #reader = new ProtobufReader();
  readonly #inner = new ProtobufReader();

  /** The point's attributes are left in `attributes`. */
  constructor(attributes: AttributeDecoder) {
    this.#attributes = attributes;
  }

  /** Reads the point at `[start, end)` of a metric of `type`. Throws `MalformedError`. */
  read(type: number, buffer: Buffer, start: number, end: number): void {
    this.#clear();
    const reader = this.#reader;
    const roles = ROLES[type]!;
    reader.open(buffer, start, end);
    while (reader.tag()) {
      const role = roles[reader.field];
      if (role !== undefined) this.#field(role, reader);
      else if (reader.field === INVALID_FIELD) {
        reader.bytes();
        this.problem = buffer.toString('utf8', reader.start, reader.end);
      } else reader.skip();
    }
    if (this.problem === '') this.problem = this.#fault(buffer);
  }

  #clear(): void {
    this.start = -1;
    this.time = -1;
    this.flags = 0;
    this.asDouble = -1;
    this.asInt = -1;
    this.count = -1;
    this.sum = -1;
    this.min = -1;
    this.max = -1;
    this.scale = 0;
    this.zeroCount = -1;
    this.zeroThreshold = -1;
    this.positiveOffset = 0;
    this.negativeOffset = 0;
    this.exemplarCount = 0;
    this.problem = '';
    this.bucketCounts.reset();
    this.explicitBounds.reset();
    this.positiveCounts.reset();
    this.negativeCounts.reset();
    this.quantiles.reset();
    this.quantileValues.reset();
    this.#attributes.begin();
  }

  #field(role: Role, reader: ProtobufReader): void {
    switch (role) {
      case 'attributes':
        reader.bytes();
        this.#attributes.add(reader.buffer, reader.start, reader.end);
        return;
      case 'flags':
        this.flags = reader.uint32();
        return;
      case 'scale':
        this.scale = reader.sint32();
        return;
      case 'asDouble':
        this.asDouble = reader.fixed64();
        this.asInt = -1;
        return;
      case 'asInt':
        this.asInt = reader.fixed64();
        this.asDouble = -1;
        return;
      case 'exemplars':
        this.#exemplar(reader);
        return;
      case 'bucketCounts':
      case 'explicitBounds':
        pushEights(this[role], reader);
        return;
      case 'positive':
        this.positiveOffset = this.#buckets(reader, this.positiveCounts);
        return;
      case 'negative':
        this.negativeOffset = this.#buckets(reader, this.negativeCounts);
        return;
      case 'quantileValues':
        this.#quantileValue(reader);
        return;
      case 'start':
      case 'time':
      case 'count':
      case 'sum':
      case 'min':
      case 'max':
      case 'zeroCount':
      case 'zeroThreshold':
        this[role] = reader.fixed64();
        return;
      default:
        role satisfies never;
    }
  }

  #exemplar(reader: ProtobufReader): void {
    reader.bytes();
    if (this.exemplarCount === 0) this.exemplars.reset(reader.limit - reader.start);
    this.exemplars.raw(this.exemplarCount++ === 0 ? '[' : ',');
    writeExemplar(this.exemplars, reader.buffer, reader.start, reader.end);
  }

  /** `Buckets`: offset = 1, bucket_counts = 2. Returns the offset. */
  #buckets(outer: ProtobufReader, counts: ByteBuilder): number {
    outer.bytes();
    counts.reset();
    let offset = 0;
    const reader = this.#inner;
    reader.open(outer.buffer, outer.start, outer.end);
    while (reader.tag()) {
      if (reader.field === 1) offset = reader.sint32();
      else if (reader.field === 2) pushVarints(counts, reader);
      else reader.skip();
    }
    return offset;
  }

  /** `ValueAtQuantile`: quantile = 1, value = 2. */
  #quantileValue(outer: ProtobufReader): void {
    outer.bytes();
    let quantile = 0;
    let value = 0;
    const reader = this.#inner;
    reader.open(outer.buffer, outer.start, outer.end);
    while (reader.tag()) {
      if (reader.field === 1) quantile = reader.double();
      else if (reader.field === 2) value = reader.double();
      else reader.skip();
    }
    this.quantiles.f64(quantile);
    this.quantileValues.f64(value);
  }

  #fault(buffer: Buffer): string {
    if (isBeyond2106(buffer, this.start)) return 'start_time_unix_nano is beyond 2106-02-07';
    if (isBeyond2106(buffer, this.time)) return 'time_unix_nano is beyond 2106-02-07';
    const counts = this.bucketCounts.length / 8;
    const bounds = this.explicitBounds.length / 8;
    if (counts !== (bounds === 0 && counts === 0 ? 0 : bounds + 1)) {
      return `${counts} bucket_counts do not fit ${bounds} explicit_bounds`;
    }
    for (let at = 0; at < bounds; at++) {
      const bound = this.explicitBounds.bytes.readDoubleLE(at * 8);
      if (Number.isNaN(bound)) return 'an explicit bound is not a number';
      if (at > 0 && bound <= this.explicitBounds.bytes.readDoubleLE(at * 8 - 8)) {
        return 'explicit_bounds do not increase';
      }
    }
    for (let at = 0; at < this.quantiles.length; at += 8) {
      const quantile = this.quantiles.bytes.readDoubleLE(at);
      if (!(quantile >= 0 && quantile <= 1)) return `a quantile is not between 0 and 1`;
    }
    return '';
  }
}

/** Appends a repeated field of eight-byte numbers: packed, or one of them. */
function pushEights(into: ByteBuilder, reader: ProtobufReader): void {
  if (reader.wire === WIRE.fixed64) {
    const at = reader.fixed64();
    into.copy(reader.buffer, at, at + 8);
    return;
  }
  reader.bytes();
  if ((reader.end - reader.start) % 8 !== 0) {
    throw new MalformedError(`field ${reader.field} is no list of eight-byte numbers`);
  }
  into.copy(reader.buffer, reader.start, reader.end);
}

/** Appends a repeated field of varints, packed or one of them, as eight bytes each. */
function pushVarints(into: ByteBuilder, reader: ProtobufReader): void {
  if (reader.wire === WIRE.varint) {
    reader.varint64();
    into.u64(reader.low, reader.high);
    return;
  }
  reader.bytes();
  const { limit, end } = reader;
  reader.position = reader.start;
  reader.limit = end;
  while (reader.position < end) {
    reader.varint64();
    into.u64(reader.low, reader.high);
  }
  reader.limit = limit;
}
