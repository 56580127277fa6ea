import type { RecentSet } from '../base/recent-set.ts';
import { isNoise, type NoiseRule } from '../model/noise.ts';
import type { SpanColumns } from '../model/span-columns.ts';
import type { TelemetryColumns } from '../model/telemetry-columns.ts';
import { EVALUATION_EVENT } from '../semconv/evaluation-event.ts';
import type { GenAiResolver, SpanFacts } from '../semconv/genai-resolver.ts';
import { AttributeDecoder } from './attribute-decoder.ts';
import { AttributeMeanings } from './attribute-meanings.ts';
import type { DecodeContext, DecodeOutcome } from './decode-outcome.ts';
import { Rejections } from './decode-outcome.ts';
import { exceptionTypeOf, writeEvent, writeLink } from './event-json.ts';
import { JsonWriter } from './json-writer.ts';
import type { OriginDecoder, ResourceOrigin, ScopeOrigin } from './origin-decoder.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { readGroups } from './read-groups.ts';
import { SightingCollector } from './sighting-collector.ts';
import { INVALID_FIELD } from './transcode-json.ts';
import { isBeyond2106, isUnknownTime, nanosOf, pushTime } from './unix-nano.ts';

const ZEROS = Buffer.alloc(16);
const STATUS_ERROR = 2;
/** A span with more kinds of exceptions than this is no noise, whatever the rules. */
const EXCEPTION_TYPES_MAX = 64;

/** Where the fields of the span being read are. One object, filled anew for each span. */
interface SpanPosition {
  traceId: number;
  spanId: number;
  parentSpanId: number;
  traceStateStart: number;
  traceStateEnd: number;
  nameStart: number;
  nameEnd: number;
  kind: number;
  start: number;
  end: number;
  flags: number;
  statusCode: number;
  statusStart: number;
  statusEnd: number;
  droppedAttributes: number;
  droppedEvents: number;
  droppedLinks: number;
}

/** Decodes `ExportTraceServiceRequest` straight into columns, with no object per span. */
export class TraceDecoder {
  readonly #columns: TelemetryColumns;
  readonly #spans: SpanColumns;
  readonly #origins: OriginDecoder;
  readonly #resolver: GenAiResolver;
  readonly #attributes: AttributeDecoder;
  readonly #sightings: SightingCollector;
  readonly #meanings: AttributeMeanings;
  readonly #reader = new ProtobufReader();
  readonly #inner = new ProtobufReader();
  readonly #events = new JsonWriter();
  readonly #links = new JsonWriter();
  readonly #facts: SpanFacts;
  readonly #at: SpanPosition = emptyPosition();
  #buffer: Buffer = ZEROS;
  /** When the request was received, as its spans tell times. */
  #received: Buffer = ZEROS;
  readonly #noise: readonly NoiseRule[];
  #eventCount = 0;
  #linkCount = 0;
  /** The types of the span's exceptions, each once; collected where there are rules about them. */
  readonly #exceptionTypes: string[] = [];
  #problem = '';

  /** A span that failed for no more than `noise` is stored without its failure. */
  constructor(
    columns: TelemetryColumns,
    origins: OriginDecoder,
    resolver: GenAiResolver,
    countedRuns: RecentSet,
    noise: readonly NoiseRule[] = [],
  ) {
    this.#noise = noise;
    this.#sightings = new SightingCollector(countedRuns);
    this.#columns = columns;
    this.#spans = columns.spans;
    this.#origins = origins;
    this.#resolver = resolver;
    this.#meanings = new AttributeMeanings(resolver);
    this.#attributes = new AttributeDecoder(columns.spans.attributes.keys.dictionary);
    this.#facts = {
      nameId: 0,
      names: columns.spans.name.dictionary,
      statusCode: 0,
      exceptionType: '',
      evaluated: false,
      service: '',
      scopeDialect: -1,
      told: false,
    };
  }

  /**
   * Appends the request's good spans and counts the bad ones. Throws `MalformedError` when the bytes are
   * no such request; the caller then cuts the columns back.
   */
  decode(buffer: Buffer, context: DecodeContext): DecodeOutcome {
    this.#buffer = buffer;
    this.#received = nanosOf(context.receivedAtMs);
    this.#sightings.discard();
    this.#resolver.abandon();
    const before = this.#spans.count;
    const rejections = new Rejections();
    let scope: ScopeOrigin | undefined;
    readGroups(buffer, this.#origins, context.project, (group) => {
      if (group.scope !== scope) {
        scope = group.scope;
        this.#facts.scopeDialect = this.#resolver.dialectOfScope(scope.name);
      }
      this.#facts.service = group.resource.service;
      this.#readSpan(group.start, group.end);
      if (this.#problem !== '') rejections.add(this.#problem);
      else this.#commit(context.project, group.resource, group.scope);
    });
    return {
      accepted: this.#spans.count - before,
      rejected: rejections.count,
      message: rejections.message('span'),
      sightings: this.#sightings.take(context.project, context.receivedAtMs, this.#spans.genai),
    };
  }

  reset(): void {
    this.#meanings.reset();
    this.#attributes.reset();
    this.#resolver.reset();
    this.#sightings.discard();
  }

  #readSpan(start: number, end: number): void {
    const at = this.#at;
    clearPosition(at);
    this.#problem = '';
    this.#attributes.begin();
    this.#eventCount = 0;
    this.#linkCount = 0;
    this.#facts.exceptionType = '';
    this.#exceptionTypes.length = 0;
    this.#facts.evaluated = false;
    const reader = this.#reader;
    reader.open(this.#buffer, start, end);
    while (reader.tag()) this.#readField(reader, at);
    if (this.#problem === '') this.#problem = this.#fault(at);
  }

  #readField(reader: ProtobufReader, at: SpanPosition): void {
    switch (reader.field) {
      case 1:
        at.traceId = this.#id(reader, 16, 'trace_id');
        return;
      case 2:
        at.spanId = this.#id(reader, 8, 'span_id');
        return;
      case 3:
        reader.bytes();
        at.traceStateStart = reader.start;
        at.traceStateEnd = reader.end;
        return;
      case 4:
        at.parentSpanId = this.#id(reader, 8, 'parent_span_id');
        return;
      case 5:
        reader.bytes();
        at.nameStart = reader.start;
        at.nameEnd = reader.end;
        return;
      case 6:
        at.kind = reader.uint32();
        return;
      case 7:
        at.start = reader.fixed64();
        return;
      case 8:
        at.end = reader.fixed64();
        return;
      case 9:
        reader.bytes();
        this.#attributes.add(this.#buffer, reader.start, reader.end);
        return;
      default:
        this.#readRareField(reader, at);
    }
  }

  #readRareField(reader: ProtobufReader, at: SpanPosition): void {
    switch (reader.field) {
      case 10:
        at.droppedAttributes = reader.uint32();
        return;
      case 11:
        this.#readEvent(reader);
        return;
      case 12:
        at.droppedEvents = reader.uint32();
        return;
      case 13:
        this.#readLink(reader);
        return;
      case 14:
        at.droppedLinks = reader.uint32();
        return;
      case 15:
        reader.bytes();
        this.#readStatus(reader.start, reader.end, at);
        return;
      case 16:
        at.flags = reader.fixed32();
        return;
      case INVALID_FIELD:
        reader.bytes();
        this.#problem = this.#buffer.toString('utf8', reader.start, reader.end);
        return;
      default:
        reader.skip();
    }
  }

  /** The position of an id; -1 when it is absent. */
  #id(reader: ProtobufReader, size: number, name: string): number {
    reader.bytes();
    const length = reader.end - reader.start;
    if (length === size) return reader.start;
    if (length > 0) this.#problem = `${name} has ${length} bytes where ${size} are due`;
    return -1;
  }

  #readEvent(reader: ProtobufReader): void {
    reader.bytes();
    if (this.#eventCount === 0) this.#events.reset(reader.limit - reader.start);
    this.#events.raw(this.#eventCount++ === 0 ? '[' : ',');
    const { start, end } = reader;
    const name = writeEvent(this.#events, this.#buffer, start, end);
    if (name === 'exception') {
      const type = exceptionTypeOf(this.#buffer, start, end);
      this.#facts.exceptionType = type || this.#facts.exceptionType;
      if (this.#noise.length > 0) this.#noteExceptionType(type);
    } else if (name === EVALUATION_EVENT) this.#facts.evaluated = true;
  }

  #readLink(reader: ProtobufReader): void {
    reader.bytes();
    if (this.#linkCount === 0) this.#links.reset(reader.limit - reader.start);
    this.#links.raw(this.#linkCount++ === 0 ? '[' : ',');
    writeLink(this.#links, this.#buffer, reader.start, reader.end);
  }

  /** `Status`: message = 2, code = 3. */
  #readStatus(start: number, end: number, at: SpanPosition): void {
    const reader = this.#inner;
    reader.open(this.#buffer, start, end);
    while (reader.tag()) {
      if (reader.field === 2) {
        reader.bytes();
        at.statusStart = reader.start;
        at.statusEnd = reader.end;
      } else if (reader.field === 3) at.statusCode = reader.uint32();
      else reader.skip();
    }
  }

  /** Why the span cannot be kept, or ''. */
  #fault(at: SpanPosition): string {
    if (at.traceId === -1 || this.#isZero(at.traceId, 16))
      return 'trace_id is missing or all zeros';
    if (at.spanId === -1 || this.#isZero(at.spanId, 8)) return 'span_id is missing or all zeros';
    if (isBeyond2106(this.#buffer, at.start)) return 'start_time_unix_nano is beyond 2106-02-07';
    if (isBeyond2106(this.#buffer, at.end)) return 'end_time_unix_nano is beyond 2106-02-07';
    if (at.kind > 5) return `kind ${at.kind} is not a span kind (0 to 5)`;
    if (at.statusCode > 2) return `status code ${at.statusCode} is not a status (0 to 2)`;
    return '';
  }

  #isZero(at: number, size: number): boolean {
    for (let i = at; i < at + size; i++) if (this.#buffer[i] !== 0) return false;
    return true;
  }

  #noteExceptionType(type: string): void {
    const types = this.#exceptionTypes;
    if (types.length <= EXCEPTION_TYPES_MAX && !types.includes(type)) types.push(type);
  }

  #suppressNoise(at: SpanPosition): void {
    const { length } = this.#exceptionTypes;
    if (at.statusCode !== STATUS_ERROR || length === 0 || length > EXCEPTION_TYPES_MAX) return;
    const name = this.#buffer.toString('utf8', at.nameStart, at.nameEnd);
    if (!isNoise(name, this.#exceptionTypes, this.#noise)) return;
    at.statusCode = 0;
    at.statusEnd = at.statusStart;
    this.#facts.exceptionType = '';
  }

  #commit(project: string, resource: ResourceOrigin, scope: ScopeOrigin): void {
    const spans = this.#spans;
    const at = this.#at;
    const buffer = this.#buffer;
    this.#suppressNoise(at);
    spans.project.pushText(project);
    spans.traceId.copy(buffer, at.traceId, at.traceId + 16);
    spans.spanId.copy(buffer, at.spanId, at.spanId + 8);
    copyOrZero(spans.parentSpanId, buffer, at.parentSpanId, 8);
    spans.traceState.push(buffer, at.traceStateStart, at.traceStateEnd);
    spans.flags.u32(at.flags);
    this.#facts.nameId = spans.name.push(buffer, at.nameStart, at.nameEnd);
    spans.kind.u8(at.kind);
    this.#pushTimes(at);
    spans.statusCode.u8(at.statusCode);
    spans.statusMessage.push(buffer, at.statusStart, at.statusEnd);
    spans.service.pushText(resource.service);
    spans.resourceId.copy(resource.id, 0, 16);
    spans.scopeId.copy(scope.id, 0, 16);
    spans.scopeName.pushText(scope.name);
    spans.droppedAttributes.u32(at.droppedAttributes);
    spans.droppedEvents.u32(at.droppedEvents);
    spans.droppedLinks.u32(at.droppedLinks);
    pushJson(spans.events, this.#events, this.#eventCount);
    pushJson(spans.links, this.#links, this.#linkCount);
    this.#attributes.commit(buffer, spans.attributes, this.#columns.payloads);
    this.#resolve(at);
    this.#sightings.note(spans.genai, resource, buffer, at.traceId);
  }

  /** A span that does not say when it began would be of 1970: it began when it ended, else when it was received. */
  #pushTimes({ start, end }: SpanPosition): void {
    const { start: starts, end: ends } = this.#spans;
    const buffer = this.#buffer;
    if (!isUnknownTime(buffer, start)) {
      pushTime(starts, buffer, start);
      pushTime(ends, buffer, end);
    } else if (!isUnknownTime(buffer, end)) {
      pushTime(starts, buffer, end);
      pushTime(ends, buffer, end);
    } else {
      starts.copy(this.#received, 0, 8);
      ends.copy(this.#received, 0, 8);
    }
  }

  #resolve(at: SpanPosition): void {
    this.#meanings.offer(this.#attributes);
    this.#facts.statusCode = at.statusCode;
    this.#resolver.resolve(this.#buffer, this.#facts, this.#spans.genai);
  }
}

function copyOrZero(into: SpanColumns['start'], buffer: Buffer, at: number, size: number): void {
  if (at === -1) into.copy(ZEROS, 0, size);
  else into.copy(buffer, at, at + size);
}

function pushJson(into: SpanColumns['events'], json: JsonWriter, count: number): void {
  if (count === 0) into.pushEmpty();
  else {
    json.raw(']');
    json.appendTo(into);
  }
}

function emptyPosition(): SpanPosition {
  return {
    traceId: -1,
    spanId: -1,
    parentSpanId: -1,
    traceStateStart: 0,
    traceStateEnd: 0,
    nameStart: 0,
    nameEnd: 0,
    kind: 0,
    start: -1,
    end: -1,
    flags: 0,
    statusCode: 0,
    statusStart: 0,
    statusEnd: 0,
    droppedAttributes: 0,
    droppedEvents: 0,
    droppedLinks: 0,
  };
}

function clearPosition(at: SpanPosition): void {
  at.traceId = -1;
  at.spanId = -1;
  at.parentSpanId = -1;
  at.traceStateStart = 0;
  at.traceStateEnd = 0;
  at.nameStart = 0;
  at.nameEnd = 0;
  at.kind = 0;
  at.start = -1;
  at.end = -1;
  at.flags = 0;
  at.statusCode = 0;
  at.statusStart = 0;
  at.statusEnd = 0;
  at.droppedAttributes = 0;
  at.droppedEvents = 0;
  at.droppedLinks = 0;
}
