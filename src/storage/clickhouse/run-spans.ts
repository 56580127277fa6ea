import type { ContentKeys, HeldSpans, RunSpan } from '../run-store.ts';
import { ColumnIds, ColumnTexts } from './column-texts.ts';
import type { NativeColumns, NullableValues, Pairs, Strings, Words } from './native-reader.ts';
import { readNativeBlocks } from './native-reader.ts';
import {
  EVENTS_BYTES_MAX,
  isGenAiSpan,
  STATUS_CHARACTERS_MAX,
  VALUE_BYTES_MAX,
} from './run-span-rows.ts';

/** OTLP: `SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK` and `SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK`. */
const REMOTE = 0x300;
const FAILED = 2;
const TWO_32 = 2 ** 32;
const NO_ID = '0'.repeat(16);
const NOTHING: readonly string[] = [];

/** Spans in a block of Native format, as a query answers them and a segment's file has them. */
export class RunSpans {
  readonly count: number;
  readonly #columns: SpanColumns;
  readonly #traceIds: Uint32Array;
  readonly #traceDigits: ColumnIds;

  constructor(block: NativeColumns, keys: ContentKeys) {
    this.count = block.rows;
    this.#columns = columnsOf(block, keys);
    const traceIds = block.bytesOf('trace_id');
    // Copied, since the bytes may stand anywhere and typed arrays may not.
    this.#traceIds = new Uint32Array(Uint8Array.from(traceIds).buffer);
    this.#traceDigits = new ColumnIds(traceIds, 16);
  }

  /** 32 lower-case hex digits. */
  traceIdOf(row: number): string {
    return this.#traceDigits.at(row);
  }

  /** Whether the row is of the same trace as the one before. */
  goesOn(row: number): boolean {
    if (row === 0) return false;
    const ids = this.#traceIds;
    const at = row * 4;
    return (
      ids[at] === ids[at - 4] &&
      ids[at + 1] === ids[at - 3] &&
      ids[at + 2] === ids[at - 2] &&
      ids[at + 3] === ids[at - 1]
    );
  }

  get(row: number, traceId: string): RunSpan {
    return new BlockSpan(this.#columns, row, traceId);
  }

  /** All of them, in the block's order. */
  all(): RunSpan[] {
    const spans: RunSpan[] = [];
    let traceId = '';
    for (let row = 0; row < this.count; row++) {
      if (!this.goesOn(row)) traceId = this.traceIdOf(row);
      spans.push(this.get(row, traceId));
    }
    return spans;
  }
}

/** The spans of a segment's file by project and trace; it is taken apart when it is first asked. */
export function holdSpans(bytes: Uint8Array, keys: ContentKeys): HeldSpans {
  let parts: readonly SpansByTrace[] | undefined;
  return {
    bytes: bytes.byteLength,
    spansOf(project, traceId) {
      parts ??= readNativeBlocks(bytes).map((block) => new SpansByTrace(block, keys));
      const found: RunSpan[] = [];
      for (const part of parts) part.addTo(found, project, traceId);
      return found;
    },
  };
}

class SpansByTrace {
  readonly #spans: RunSpans;
  /** Rows by trace and project. */
  readonly #rows = new Map<string, number[]>();

  constructor(block: NativeColumns, keys: ContentKeys) {
    this.#spans = new RunSpans(block, keys);
    const projects = block.get('words', 'project');
    let rows: number[] = [];
    for (let row = 0; row < block.rows; row++) {
      if (!this.#spans.goesOn(row) || projects.ids[row] !== projects.ids[row - 1]) {
        const key = `${this.#spans.traceIdOf(row)}${wordAt(projects, row)}`;
        const known = this.#rows.get(key);
        rows = known ?? [];
        if (known === undefined) this.#rows.set(key, rows);
      }
      rows.push(row);
    }
  }

  addTo(found: RunSpan[], project: string, traceId: string): void {
    for (const row of this.#rows.get(`${traceId}${project}`) ?? []) {
      found.push(this.#spans.get(row, traceId));
    }
  }
}

/** A block's columns, and what is asked of its attributes. */
interface SpanColumns {
  readonly spanIds: ColumnIds;
  readonly parentIds: ColumnIds;
  readonly received: Numbers;
  readonly kind: Buffer;
  readonly contextFlags: Numbers;
  readonly start: Numbers;
  readonly duration: Numbers;
  readonly statusCode: Buffer;
  readonly genAiFlags: Buffer;
  readonly resourceIds: Buffer;
  readonly statusMessage: Strings;
  readonly toolCallId: ColumnTexts;
  readonly conversation: ColumnTexts;
  readonly user: ColumnTexts;
  readonly events: Strings;
  readonly name: Words;
  readonly service: Words;
  readonly scopeName: Words;
  readonly agent: Words;
  readonly operation: Words;
  readonly requestModel: Words;
  readonly responseModel: Words;
  readonly provider: Words;
  readonly framework: Words;
  readonly toolName: Words;
  readonly errorType: Words;
  readonly serviceTier: Words;
  readonly inputTokens: NullableValues;
  readonly outputTokens: NullableValues;
  readonly cacheReadTokens: NullableValues;
  readonly cacheWriteTokens: NullableValues;
  readonly cacheWrite1hTokens: NullableValues;
  readonly reasoningTokens: NullableValues;
  readonly reportedCost: NullableValues;
  readonly attributes: Pairs;
  /** Of the attributes' distinct keys, those that are asked for. */
  readonly wanted: Uint8Array;
}

/** Values of four or eight bytes. */
interface Numbers {
  readonly view: DataView;
  readonly at: number;
}

function columnsOf(block: NativeColumns, { exact, prefixes }: ContentKeys): SpanColumns {
  const names = new Set(exact);
  const attributes = block.get('pairs', 'attributes');
  const strings = (name: string): Strings => block.get('strings', name);
  const words = (name: string): Words => block.get('words', name);
  const nullable = (name: string): NullableValues => block.get('nullable', name);
  return {
    spanIds: new ColumnIds(block.bytesOf('span_id'), 8),
    parentIds: new ColumnIds(block.bytesOf('parent_span_id'), 8),
    received: block.get('fixed', 'received'),
    kind: block.bytesOf('kind'),
    contextFlags: block.get('fixed', 'flags'),
    start: block.get('fixed', 'start'),
    duration: block.get('fixed', 'duration_ns'),
    statusCode: block.bytesOf('status_code'),
    genAiFlags: block.bytesOf('genai_flags'),
    resourceIds: block.bytesOf('resource_id'),
    statusMessage: strings('status_message'),
    toolCallId: new ColumnTexts(strings('tool_call_id')),
    conversation: new ColumnTexts(strings('conversation')),
    user: new ColumnTexts(strings('user')),
    events: strings('events'),
    name: words('name'),
    service: words('service'),
    scopeName: words('scope_name'),
    agent: words('agent'),
    operation: words('operation'),
    requestModel: words('request_model'),
    responseModel: words('response_model'),
    provider: words('provider'),
    framework: words('framework'),
    toolName: words('tool_name'),
    errorType: words('error_type'),
    serviceTier: words('service_tier'),
    inputTokens: nullable('input_tokens'),
    outputTokens: nullable('output_tokens'),
    cacheReadTokens: nullable('cache_read_tokens'),
    cacheWriteTokens: nullable('cache_write_tokens'),
    cacheWrite1hTokens: nullable('cache_write_1h_tokens'),
    reasoningTokens: nullable('reasoning_tokens'),
    reportedCost: nullable('reported_cost'),
    attributes,
    wanted: Uint8Array.from(attributes.keys.texts, (key) =>
      Number(names.has(key) || prefixes.some((prefix) => key.startsWith(prefix))),
    ),
  };
}

/** A span where it stands in its block. What analysis asks of every span is at hand; the rest is read when it is asked for. */
class BlockSpan implements RunSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly startNs: bigint;
  readonly durationNs: bigint;
  readonly flags: number;
  readonly statusCode: number;
  readonly #columns: SpanColumns;
  readonly #row: number;
  #content: Content | undefined;

  constructor(columns: SpanColumns, row: number, traceId: string) {
    this.#columns = columns;
    this.#row = row;
    this.traceId = traceId;
    this.spanId = columns.spanIds.at(row);
    const parent = columns.parentIds.at(row);
    this.parentSpanId = parent === NO_ID ? '' : parent;
    this.startNs = columns.start.view.getBigInt64(columns.start.at + row * 8, true);
    this.durationNs = columns.duration.view.getBigInt64(columns.duration.at + row * 8, true);
    this.flags = columns.genAiFlags[row]!;
    this.statusCode = columns.statusCode[row]!;
  }

  get receivedS(): number {
    const { view, at } = this.#columns.received;
    return view.getUint32(at + this.#row * 4, true);
  }

  get name(): string {
    return wordAt(this.#columns.name, this.#row);
  }

  get kind(): number {
    return this.#columns.kind[this.#row]!;
  }

  get remoteParent(): boolean {
    const { view, at } = this.#columns.contextFlags;
    return (view.getUint32(at + this.#row * 4, true) & REMOTE) === REMOTE;
  }

  get statusMessage(): string {
    if (this.statusCode !== FAILED) return '';
    const { bytes, starts, ends } = this.#columns.statusMessage;
    const start = starts[this.#row]!;
    const end = Math.min(ends[this.#row]!, start + STATUS_CHARACTERS_MAX * 4);
    return bytes.toString('utf8', start, end).slice(0, STATUS_CHARACTERS_MAX);
  }

  get service(): string {
    return wordAt(this.#columns.service, this.#row);
  }

  get resourceId(): string {
    return this.#columns.resourceIds.toString('hex', this.#row * 16, this.#row * 16 + 16);
  }

  get scopeName(): string {
    return wordAt(this.#columns.scopeName, this.#row);
  }

  get agent(): string {
    return wordAt(this.#columns.agent, this.#row);
  }

  get operation(): string {
    return wordAt(this.#columns.operation, this.#row);
  }

  get requestModel(): string {
    return wordAt(this.#columns.requestModel, this.#row);
  }

  get responseModel(): string {
    return wordAt(this.#columns.responseModel, this.#row);
  }

  get provider(): string {
    return wordAt(this.#columns.provider, this.#row);
  }

  get framework(): string {
    return wordAt(this.#columns.framework, this.#row);
  }

  get toolName(): string {
    return wordAt(this.#columns.toolName, this.#row);
  }

  get toolCallId(): string {
    return this.#columns.toolCallId.at(this.#row);
  }

  get conversation(): string {
    return this.#columns.conversation.at(this.#row);
  }

  get user(): string {
    return this.#columns.user.at(this.#row);
  }

  get errorType(): string {
    return wordAt(this.#columns.errorType, this.#row);
  }

  get inputTokens(): number | null {
    return countAt(this.#columns.inputTokens, this.#row);
  }

  get outputTokens(): number | null {
    return countAt(this.#columns.outputTokens, this.#row);
  }

  get cacheReadTokens(): number | null {
    return countAt(this.#columns.cacheReadTokens, this.#row);
  }

  get cacheWriteTokens(): number | null {
    return countAt(this.#columns.cacheWriteTokens, this.#row);
  }

  get cacheWrite1hTokens(): number | null {
    return countAt(this.#columns.cacheWrite1hTokens, this.#row);
  }

  get reasoningTokens(): number | null {
    return countAt(this.#columns.reasoningTokens, this.#row);
  }

  get reportedCost(): number | null {
    const { nulls, values } = this.#columns.reportedCost;
    if (nulls[this.#row] !== 0) return null;
    return values.view.getFloat64(values.at + this.#row * 8, true);
  }

  get serviceTier(): string {
    return wordAt(this.#columns.serviceTier, this.#row);
  }

  get keys(): readonly string[] {
    return (this.#content ??= this.#readContent()).keys;
  }

  get values(): readonly string[] {
    return (this.#content ??= this.#readContent()).values;
  }

  get events(): string {
    if (!isGenAiSpan(this.flags, this.toolName)) return '';
    const { events } = this.#columns;
    const length = events.ends[this.#row]! - events.starts[this.#row]!;
    return length > EVENTS_BYTES_MAX ? '' : textAt(events, this.#row);
  }

  #readContent(): Content {
    const { attributes, wanted } = this.#columns;
    const row = this.#row;
    if (!isGenAiSpan(this.flags, this.toolName)) return NO_CONTENT;
    let content: { keys: string[]; values: string[] } | undefined;
    const { ends, keys, values } = attributes;
    const end = ends[row]!;
    for (let at = row === 0 ? 0 : ends[row - 1]!; at < end; at++) {
      const key = keys.ids[at]!;
      if (wanted[key] === 0 || values.ends[at]! - values.starts[at]! > VALUE_BYTES_MAX) continue;
      content ??= { keys: [], values: [] };
      content.keys.push(keys.texts[key]!);
      content.values.push(textAt(values, at));
    }
    return content ?? NO_CONTENT;
  }
}

interface Content {
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

const NO_CONTENT: Content = { keys: NOTHING, values: NOTHING };

function wordAt({ texts, ids }: Words, row: number): string {
  return texts[ids[row]!]!;
}

function textAt({ bytes, starts, ends }: Strings, row: number): string {
  const start = starts[row]!;
  const end = ends[row]!;
  if (start === end) return '';
  // What is short is mostly plain, and then read much faster.
  return bytes.toString(isPlain(bytes, start, end) ? 'latin1' : 'utf8', start, end);
}

function isPlain(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > PLAIN_BYTES_MAX) return false;
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return false;
  return true;
}

/** Beyond, to look at each byte takes longer than it saves. */
const PLAIN_BYTES_MAX = 64;

function countAt({ nulls, values }: NullableValues, row: number): number | null {
  if (nulls[row] !== 0) return null;
  const at = values.at + row * 8;
  return values.view.getUint32(at + 4, true) * TWO_32 + values.view.getUint32(at, true);
}
