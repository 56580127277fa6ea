import type { ListColumn, MetricColumns } from '../model/metric-columns.ts';
import { METRIC_TYPE } from '../model/metric-columns.ts';
import type { NullableColumn } from '../model/genai-columns.ts';
import type { TelemetryColumns } from '../model/telemetry-columns.ts';
import { writeMemberJson } from './any-value-json.ts';
import { AttributeDecoder } from './attribute-decoder.ts';
import type { DecodeContext, DecodeOutcome } from './decode-outcome.ts';
import { Rejections } from './decode-outcome.ts';
import { eachField } from './each-field.ts';
import { JsonWriter } from './json-writer.ts';
import { MetricPoint } from './metric-point.ts';
import type { OriginDecoder, ResourceOrigin, ScopeOrigin } from './origin-decoder.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import type { GroupItem } from './read-groups.ts';
import { readGroups } from './read-groups.ts';
import { ServiceSightings } from './service-sightings.ts';
import { streamIdOf } from './stream-id.ts';
import { INVALID_FIELD } from './transcode-json.ts';
import { isUnknownTime, nanosOf, pushTime } from './unix-nano.ts';

const TYPES: ReadonlySet<number> = new Set(Object.values(METRIC_TYPE));
const NO_RECORDED_VALUE = 1;
const TEMPORALITY_MAX = 2;

/** The metric whose points are being read. One object, filled anew for each metric. */
interface Metric {
  nameStart: number;
  nameEnd: number;
  descriptionStart: number;
  descriptionEnd: number;
  unitStart: number;
  unitEnd: number;
  /** One of `METRIC_TYPE`; 0 when the metric has no data. */
  type: number;
  temporality: number;
  monotonic: number;
  metadata: string;
  /** Why none of its points can be kept, or ''. */
  problem: string;
  /** Name, unit and type in bytes, to tell streams apart. */
  identity: Buffer;
}

/** Decodes `ExportMetricsServiceRequest` straight into columns, a row per data point. */
export class MetricDecoder {
  readonly #metrics: MetricColumns;
  readonly #columns: TelemetryColumns;
  readonly #origins: OriginDecoder;
  readonly #attributes: AttributeDecoder;
  readonly #point: MetricPoint;
  readonly #sightings = new ServiceSightings();
  readonly #reader = new ProtobufReader();
  readonly #json = new JsonWriter();
  readonly #metric: Metric = emptyMetric();
  #buffer: Buffer = Buffer.alloc(0);
  #received: Buffer = Buffer.alloc(8);
  #rejections = new Rejections();

  constructor(columns: TelemetryColumns, origins: OriginDecoder) {
    this.#columns = columns;
    this.#metrics = columns.metrics;
    this.#origins = origins;
    this.#attributes = new AttributeDecoder(columns.metrics.attributes.keys.dictionary);
    this.#point = new MetricPoint(this.#attributes);
  }

  /**
   * Appends the request's good data points and counts the bad ones. Throws `MalformedError` when the bytes
   * are no such request; the caller then cuts the columns back.
   */
  decode(buffer: Buffer, context: DecodeContext): DecodeOutcome {
    this.#buffer = buffer;
    this.#received = nanosOf(context.receivedAtMs);
    this.#sightings.discard();
    this.#rejections = new Rejections();
    const before = this.#metrics.count;
    readGroups(buffer, this.#origins, context.project, (group) => {
      this.#readMetric(group.start, group.end);
      this.#readPoints(group, context.project);
    });
    return {
      accepted: this.#metrics.count - before,
      rejected: this.#rejections.count,
      message: this.#rejections.message('data point'),
      sightings: this.#sightings.take(context.project, context.receivedAtMs),
    };
  }

  reset(): void {
    this.#attributes.reset();
    this.#sightings.discard();
  }

  /** Reads the metric at `[start, end)` but its data. */
  #readMetric(start: number, end: number): void {
    const metric = this.#metric;
    Object.assign(metric, EMPTY);
    let hasMetadata = false;
    const reader = this.#reader;
    reader.open(this.#buffer, start, end);
    while (reader.tag()) {
      const { field } = reader;
      if (TYPES.has(field)) {
        reader.bytes();
        // Of several types the last is meant.
        metric.type = field;
      } else if (field === 12) {
        reader.bytes();
        hasMetadata = true;
      } else this.#readText(reader, metric);
    }
    if (hasMetadata) metric.metadata = this.#metadataJson(start, end);
    metric.identity = identityOf(metric, this.#buffer);
  }

  #readText(reader: ProtobufReader, metric: Metric): void {
    switch (reader.field) {
      case 1:
        reader.bytes();
        metric.nameStart = reader.start;
        metric.nameEnd = reader.end;
        return;
      case 2:
        reader.bytes();
        metric.descriptionStart = reader.start;
        metric.descriptionEnd = reader.end;
        return;
      case 3:
        reader.bytes();
        metric.unitStart = reader.start;
        metric.unitEnd = reader.end;
        return;
      case INVALID_FIELD:
        reader.bytes();
        metric.problem = this.#buffer.toString('utf8', reader.start, reader.end);
        return;
      default:
        reader.skip();
    }
  }

  #metadataJson(start: number, end: number): string {
    const out = this.#json;
    out.reset(end - start);
    let separator = '{';
    eachField(this.#buffer, { start, end }, 12, (from, to) => {
      out.raw(separator);
      separator = ',';
      writeMemberJson(out, this.#buffer, from, to, 1);
    });
    out.raw('}');
    return out.text();
  }

  /** Reads the points of the metric that `item` is. */
  #readPoints(item: GroupItem, project: string): void {
    const metric = this.#metric;
    const { resource, scope } = item;
    eachField(this.#buffer, item, metric.type, (start, end) => this.#readCommon(start, end));
    if (metric.temporality > TEMPORALITY_MAX && metric.problem === '') {
      metric.problem = `aggregation_temporality ${metric.temporality} is not one (0 to ${TEMPORALITY_MAX})`;
    }
    let points = 0;
    eachField(this.#buffer, item, metric.type, (dataStart, dataEnd) => {
      eachField(this.#buffer, { start: dataStart, end: dataEnd }, 1, (start, end) => {
        points++;
        this.#point.read(metric.type, this.#buffer, start, end);
        const problem = metric.problem || this.#point.problem;
        if (problem !== '') this.#rejections.add(problem);
        else this.#commit(project, resource, scope);
      });
    });
    // What was wrong may have been the points themselves.
    if (points === 0 && metric.problem !== '') this.#rejections.add(metric.problem);
  }

  /** The temporality (2) and monotonicity (3) of the data at `[start, end)`. */
  #readCommon(start: number, end: number): void {
    const metric = this.#metric;
    const hasTemporality = metric.type !== METRIC_TYPE.gauge && metric.type !== METRIC_TYPE.summary;
    const reader = this.#reader;
    reader.open(this.#buffer, start, end);
    while (reader.tag()) {
      if (reader.field === 2 && hasTemporality) metric.temporality = reader.uint32();
      else if (reader.field === 3 && metric.type === METRIC_TYPE.sum) {
        metric.monotonic = reader.uint32() === 0 ? 0 : 1;
      } else reader.skip();
    }
  }

  #commit(project: string, resource: ResourceOrigin, scope: ScopeOrigin): void {
    const metrics = this.#metrics;
    const metric = this.#metric;
    const point = this.#point;
    const buffer = this.#buffer;
    metrics.project.pushText(project);
    metrics.name.push(buffer, metric.nameStart, metric.nameEnd);
    metrics.description.push(buffer, metric.descriptionStart, metric.descriptionEnd);
    metrics.unit.push(buffer, metric.unitStart, metric.unitEnd);
    metrics.metadata.pushText(metric.metadata);
    metrics.type.u8(metric.type);
    metrics.temporality.u8(metric.temporality);
    metrics.monotonic.u8(metric.monotonic);
    pushTime(metrics.start, buffer, point.start);
    if (isUnknownTime(buffer, point.time)) metrics.time.copy(this.#received, 0, 8);
    else pushTime(metrics.time, buffer, point.time);
    metrics.flags.u32(point.flags);
    metrics.service.pushText(resource.service);
    metrics.resourceId.copy(resource.id, 0, 16);
    metrics.scopeId.copy(scope.id, 0, 16);
    metrics.scopeName.pushText(scope.name);
    const identity = { resourceId: resource.id, scopeId: scope.id, metric: metric.identity };
    metrics.streamId.copy(streamIdOf(identity, this.#attributes, buffer), 0, 16);
    this.#pushValues();
    if (point.exemplarCount === 0) metrics.exemplars.pushEmpty();
    else {
      point.exemplars.raw(']');
      point.exemplars.appendTo(metrics.exemplars);
    }
    this.#attributes.commit(buffer, metrics.attributes, this.#columns.payloads);
    this.#sightings.note('', resource);
  }

  #pushValues(): void {
    const metrics = this.#metrics;
    const point = this.#point;
    const buffer = this.#buffer;
    const isRecorded = (point.flags & NO_RECORDED_VALUE) === 0;
    if (isRecorded && point.asInt !== -1) {
      metrics.value.pushDouble(Number(buffer.readBigInt64LE(point.asInt)));
    } else pushNullable(metrics.value, buffer, isRecorded ? point.asDouble : -1);
    pushNullable(metrics.intValue, buffer, isRecorded ? point.asInt : -1);
    const isSummary = this.#metric.type === METRIC_TYPE.summary;
    pushTime(metrics.pointCount, buffer, point.count);
    if (isSummary && point.sum === -1) metrics.sum.pushDouble(0);
    else pushNullable(metrics.sum, buffer, point.sum);
    pushNullable(metrics.min, buffer, point.min);
    pushNullable(metrics.max, buffer, point.max);
    metrics.scale.u32(point.scale);
    pushTime(metrics.zeroCount, buffer, point.zeroCount);
    pushTime(metrics.zeroThreshold, buffer, point.zeroThreshold);
    metrics.positiveOffset.u32(point.positiveOffset);
    metrics.negativeOffset.u32(point.negativeOffset);
    pushList(metrics.bucketCounts, point.bucketCounts);
    pushList(metrics.explicitBounds, point.explicitBounds);
    pushList(metrics.positiveCounts, point.positiveCounts);
    pushList(metrics.negativeCounts, point.negativeCounts);
    pushList(metrics.quantiles, point.quantiles);
    pushList(metrics.quantileValues, point.quantileValues);
  }
}

/** The length of the name stands before it, so that name and unit cannot run into each other. */
function identityOf(metric: Metric, buffer: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = metric.type;
  head.writeUInt32LE(metric.nameEnd - metric.nameStart, 1);
  const name = buffer.subarray(metric.nameStart, metric.nameEnd);
  return Buffer.concat([head, name, buffer.subarray(metric.unitStart, metric.unitEnd)]);
}

/** Appends the eight bytes at the position, or null when there are none. */
function pushNullable(into: NullableColumn, buffer: Buffer, at: number): void {
  if (at === -1) {
    into.pushNull();
    return;
  }
  into.nulls.u8(0);
  into.values.copy(buffer, at, at + 8);
}

function pushList(into: ListColumn, values: MetricPoint['bucketCounts']): void {
  into.values.copy(values.bytes, 0, values.length);
  into.endRow();
}

function emptyMetric(): Metric {
  return {
    nameStart: 0,
    nameEnd: 0,
    descriptionStart: 0,
    descriptionEnd: 0,
    unitStart: 0,
    unitEnd: 0,
    type: 0,
    temporality: 0,
    monotonic: 0,
    metadata: '',
    problem: '',
    identity: Buffer.alloc(0),
  };
}

const EMPTY: Readonly<Metric> = emptyMetric();
