import { createHash } from 'node:crypto';

import type { RecentSet } from '../base/recent-set.ts';
import type { AgentSighting } from '../model/agent.ts';
import type { SpanColumns } from '../model/span-columns.ts';
import type { TelemetryColumns } from '../model/telemetry-columns.ts';
import { VALUE_KIND } from '../model/value-kind.ts';
import type { GenAiResolver, SpanFacts } from '../semconv/genai-resolver.ts';
import type { KnownEvent } from '../semconv/told-events.ts';
import { AttributeDecoder } from './attribute-decoder.ts';
import { AttributeMeanings } from './attribute-meanings.ts';
import type { ResourceOrigin, ScopeOrigin } from './origin-decoder.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { SightingCollector } from './sighting-collector.ts';

const ATTRIBUTES_FIELD = 6;
const ZEROS = Buffer.alloc(16);
const STATUS_ERROR = 2;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
/** Longer texts are no ids and no errors that anybody reads. */
const TEXT_BYTES_MAX = 1024;
/** Longer than any call takes. */
const DURATION_MS_MAX = 7 * 86_400_000;
const DAY_NS = 86_400_000_000_000n;

/** A record that was read and is good. */
export interface ToldRecord {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly project: string;
  readonly resource: ResourceOrigin;
  readonly scope: ScopeOrigin;
  /** Where its ids are in the buffer; -1 for none. */
  readonly traceId: number;
  readonly spanId: number;
  /** Nanoseconds since 1970, in eight bytes. */
  readonly time: Buffer;
}

/** An event as a record's decoder keeps it, with the number that the resolver gave it. */
export interface ReadableEvent {
  readonly event: KnownEvent;
  readonly dialect: number;
}

/**
 * Writes the spans that log records stand for, where a program sends records of its calls in place of spans. Equal
 * records give spans with equal ids: one that is sent twice is stored twice and counted once, as a span is.
 *
 * A record within a span belongs to that span's trace. Any other belongs to a trace of its own making: that of the
 * prompt which it follows from, else that of its conversation on that day, so that no trace grows for ever.
 */
export class ToldSpanDecoder {
  readonly #columns: TelemetryColumns;
  readonly #spans: SpanColumns;
  readonly #resolver: GenAiResolver;
  readonly #attributes: AttributeDecoder;
  readonly #sightings: SightingCollector;
  readonly #meanings: AttributeMeanings;
  readonly #reader = new ProtobufReader();
  readonly #facts: SpanFacts;

  constructor(columns: TelemetryColumns, resolver: GenAiResolver, countedRuns: RecentSet) {
    this.#columns = columns;
    this.#spans = columns.spans;
    this.#resolver = resolver;
    this.#meanings = new AttributeMeanings(resolver);
    this.#attributes = new AttributeDecoder(columns.spans.attributes.keys.dictionary);
    this.#sightings = new SightingCollector(countedRuns);
    this.#facts = {
      nameId: 0,
      names: columns.spans.name.dictionary,
      statusCode: 0,
      exceptionType: '',
      evaluated: false,
      service: '',
      scopeDialect: -1,
      told: true,
    };
  }

  /** Writes the span that the record stands for; false when it stands for none. */
  write(record: ToldRecord, { event, dialect }: ReadableEvent): boolean {
    this.#readAttributes(record);
    if (!this.#tells(record.buffer, event)) return false;
    const { rules, told } = event;
    const error = this.#firstText(record.buffer, rules.errors ?? []);
    const failed = told.failed === true || error !== '';
    const ids = this.#idsOf(record, event);
    const end = record.time.readBigInt64LE();
    const start = end - this.#durationNs(record.buffer, rules.durationMs);
    this.#push(record, event.name, ids);
    const spans = this.#spans;
    spans.start.copy(nanos(start < 0n ? end : start), 0, 8);
    spans.end.copy(record.time, 0, 8);
    spans.statusCode.u8(failed ? STATUS_ERROR : 0);
    spans.statusMessage.pushText(error);
    this.#facts.statusCode = failed ? STATUS_ERROR : 0;
    this.#facts.service = record.resource.service;
    this.#facts.scopeDialect = dialect;
    this.#resolve(record.buffer);
    this.#sightings.note(spans.genai, record.resource, ids.traceId, 0);
    return true;
  }

  take(project: string, seenAtMs: number): AgentSighting[] {
    return this.#sightings.take(project, seenAtMs, this.#spans.genai);
  }

  discard(): void {
    this.#sightings.discard();
    this.#resolver.abandon();
  }

  reset(): void {
    this.#meanings.reset();
    this.#attributes.reset();
    this.#resolver.reset();
    this.#sightings.discard();
  }

  #readAttributes({ buffer, start, end }: ToldRecord): void {
    this.#attributes.begin();
    const reader = this.#reader;
    reader.open(buffer, start, end);
    while (reader.tag()) {
      if (reader.field === ATTRIBUTES_FIELD) {
        reader.bytes();
        this.#attributes.add(buffer, reader.start, reader.end);
      } else reader.skip();
    }
  }

  #tells(buffer: Buffer, { told }: KnownEvent): boolean {
    const { when = {}, needs } = told;
    for (const [key, values] of Object.entries(when)) {
      if (!values.includes(this.#text(buffer, key))) return false;
    }
    return needs === undefined || this.#firstText(buffer, needs) !== '';
  }

  #push(record: ToldRecord, name: string, ids: ToldIds): void {
    const { buffer, resource, scope } = record;
    const spans = this.#spans;
    spans.project.pushText(record.project);
    spans.traceId.copy(ids.traceId, 0, TRACE_ID_BYTES);
    spans.spanId.copy(ids.spanId, 0, SPAN_ID_BYTES);
    spans.parentSpanId.copy(ids.parentSpanId, 0, SPAN_ID_BYTES);
    spans.traceState.pushEmpty();
    spans.flags.u32(0);
    this.#facts.nameId = spans.name.pushText(name);
    spans.kind.u8(0);
    spans.service.pushText(resource.service);
    spans.resourceId.copy(resource.id, 0, 16);
    spans.scopeId.copy(scope.id, 0, 16);
    spans.scopeName.pushText(scope.name);
    spans.droppedAttributes.u32(0);
    spans.droppedEvents.u32(0);
    spans.droppedLinks.u32(0);
    spans.events.pushEmpty();
    spans.links.pushEmpty();
    this.#attributes.commit(buffer, spans.attributes, this.#columns.payloads);
  }

  #resolve(buffer: Buffer): void {
    this.#meanings.offer(this.#attributes);
    this.#resolver.resolve(buffer, this.#facts, this.#spans.genai);
  }

  #idsOf(record: ToldRecord, { name, dialectId, rules, told }: KnownEvent): ToldIds {
    const { buffer, traceId, spanId, time, project, resource } = record;
    const begins = told.operation === 'invoke_agent';
    const prompt = rules.prompt === undefined ? '' : this.#text(buffer, rules.prompt);
    const conversation = this.#text(buffer, rules.conversation);
    const own = digest('span', [
      name,
      time.toString('hex'),
      conversation,
      prompt,
      ...this.#signs(buffer),
    ]);
    if (traceId !== -1 && !isZero(buffer, traceId, TRACE_ID_BYTES)) {
      return {
        traceId: buffer.subarray(traceId, traceId + TRACE_ID_BYTES),
        spanId: own,
        parentSpanId: spanId === -1 ? ZEROS : buffer.subarray(spanId, spanId + SPAN_ID_BYTES),
      };
    }
    const day = prompt === '' ? String(time.readBigInt64LE() / DAY_NS) : '';
    // What names neither belongs to nothing but itself.
    const itself = conversation === '' && prompt === '' ? own.toString('hex') : '';
    const parts = [project, dialectId, resource.service, conversation, prompt, day, itself];
    const root = digest('root', parts);
    // A prompt is told of once and is the root of what follows; of a conversation there are many.
    const isRoot = begins && prompt !== '';
    return {
      traceId: digest('trace', parts),
      spanId: isRoot ? root : own,
      parentSpanId: begins || itself !== '' ? ZEROS : root,
    };
  }

  /** What tells two records of one name and time apart. */
  #signs(buffer: Buffer): string[] {
    return SIGNS.map((key) => this.#text(buffer, key));
  }

  #durationNs(buffer: Buffer, key: string | undefined): bigint {
    if (key === undefined) return 0n;
    const ms = Number(this.#text(buffer, key) || Number.NaN);
    return ms >= 0 && ms <= DURATION_MS_MAX ? BigInt(Math.round(ms * 1e6)) : 0n;
  }

  #firstText(buffer: Buffer, keys: readonly string[]): string {
    for (const key of keys) {
      const text = this.#text(buffer, key);
      if (text !== '') return text;
    }
    return '';
  }

  /** The value of an attribute as text; '' for none, for lists and for what is too long. */
  #text(buffer: Buffer, key: string): string {
    const { count, keyIds, keys, kinds, starts, ends, numbers } = this.#attributes;
    for (let i = 0; i < count; i++) {
      if (keys.textOf(keyIds[i]!) !== key) continue;
      const kind = kinds[i]!;
      if (kind === VALUE_KIND.int || kind === VALUE_KIND.double) return String(numbers[i]);
      if (kind !== VALUE_KIND.string) return '';
      return buffer.toString('utf8', starts[i], Math.min(ends[i]!, starts[i]! + TEXT_BYTES_MAX));
    }
    return '';
  }
}

/** Attributes by which senders number their records, and what else two calls at one time hardly have in common. */
const SIGNS = [
  'event.sequence',
  'request_id',
  'gen_ai.response.id',
  'tool_use_id',
  'call_id',
  'event.kind',
  'attempt',
  'model',
  'input_tokens',
  'output_tokens',
  'input_token_count',
  'output_token_count',
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.output_tokens',
  'function_args',
];

interface ToldIds {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
}

function digest(what: string, parts: readonly string[]): Buffer {
  const hash = createHash('sha256').update(what);
  // With its length before it no part can pass for two.
  for (const part of parts) hash.update(`\0${part.length}\0${part}`);
  return hash.digest();
}

function isZero(buffer: Buffer, at: number, size: number): boolean {
  for (let i = at; i < at + size; i++) if (buffer[i] !== 0) return false;
  return true;
}

function nanos(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}
