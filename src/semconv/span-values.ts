import type { Interner } from '../base/interner.ts';
import { VALUE_KIND } from '../model/value-kind.ts';
import type { Field, PartRule } from './dialect.ts';
import { FIELDS } from './dialect.ts';
import { parseNotation, unquote, valueAt } from './json-path.ts';
import type { KeyMeaning, KeyRole, KeyRoles } from './key-roles.ts';

/** Renders any attribute value as text: strings as they are, the rest as JSON. */
export type RenderValue = (buffer: Uint8Array, kind: number, start: number, end: number) => string;

export const FIELD = Object.fromEntries(FIELDS.map((field, index) => [field, index])) as Record<
  Field,
  number
>;

const UNSET = 0x7fffffff;
/** Longer JSON is content, with the usage lost in it; reading it would cost more than it tells. */
const JSON_BYTES_MAX = 256 * 1024;
/** Longer texts are no names. */
const NAME_BYTES_MAX = 1024;
/** Conditional meanings on one span; more come only from keys sent twice. */
const OTHERS_MAX = 512;

const QUOTE = 0x22;
const ANGLE = 0x3c;

const COUNTS: ReadonlySet<Field> = new Set([
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'reasoningTokens',
  'totalTokens',
  'reportedCost',
]);
const SCALARS =
  (1 << VALUE_KIND.string) |
  (1 << VALUE_KIND.bool) |
  (1 << VALUE_KIND.int) |
  (1 << VALUE_KIND.double);
const LISTS = (1 << VALUE_KIND.array) | (1 << VALUE_KIND.kvlist) | (1 << VALUE_KIND.bytes);
/** By field, the kinds of value that can fill it, as bits. A count of the wrong kind is an invalid count. */
const KINDS = Int32Array.from(FIELDS, (field) => {
  if (COUNTS.has(field)) return SCALARS | LISTS;
  return field === 'finishReasons' ? SCALARS | (1 << VALUE_KIND.array) : SCALARS;
});

/**
 * For each field, the most believed value that one span's attributes give it. Values stay byte ranges of
 * the request until somebody asks.
 */
export class SpanValues {
  /** The dialect that the keys tell, or -1. */
  telling = -1;
  readonly #roles: KeyRoles;
  readonly #render: RenderValue;
  readonly #texts: Interner;
  #buffer: Uint8Array = new Uint8Array(0);

  // The best value so far, by field.
  readonly #rank = new Int32Array(FIELDS.length).fill(UNSET);
  readonly #kind = new Uint8Array(FIELDS.length);
  readonly #start = new Uint32Array(FIELDS.length);
  readonly #end = new Uint32Array(FIELDS.length);
  readonly #number = new Float64Array(FIELDS.length);
  /** Texts that were taken out of something else, or made up already. */
  readonly #text: (string | undefined)[] = FIELDS.map(() => undefined);
  #textCount = 0;

  // Attributes with meanings that depend on the rest of the span.
  readonly #others: (readonly KeyRole[])[] = [];
  #otherCount = 0;
  readonly #otherKind = new Uint8Array(OTHERS_MAX);
  readonly #otherStart = new Uint32Array(OTHERS_MAX);
  readonly #otherEnd = new Uint32Array(OTHERS_MAX);
  readonly #otherNumber = new Float64Array(OTHERS_MAX);

  /** `texts` gives equal values equal numbers (see `idOf`). */
  constructor(roles: KeyRoles, render: RenderValue, texts: Interner) {
    this.#roles = roles;
    this.#render = render;
    this.#texts = texts;
  }

  /** Notes an attribute. `number` is the value of ints, doubles and bools. */
  offer(meaning: KeyMeaning, kind: number, start: number, end: number, number: number): void {
    const { field, rank } = meaning;
    if (meaning.telling > this.telling) this.telling = meaning.telling;
    if (field !== -1 && rank < this.#rank[field]! && isFit(field, kind, end - start)) {
      this.#rank[field] = rank;
      this.#kind[field] = kind;
      this.#start[field] = start;
      this.#end[field] = end;
      this.#number[field] = number;
    }
    if (meaning.others.length === 0 || this.#otherCount === OTHERS_MAX) return;
    const at = this.#otherCount++;
    this.#others[at] = meaning.others;
    this.#otherKind[at] = kind;
    this.#otherStart[at] = start;
    this.#otherEnd[at] = end;
    this.#otherNumber[at] = number;
  }

  /** All attributes were offered: they are in `buffer`, and the span is of `dialect` (or of none, -1). */
  settle(buffer: Uint8Array, dialect: number): void {
    this.#buffer = buffer;
    if (this.#otherCount === 0) return;
    this.#settleOthers(dialect, false);
    this.#settleOthers(dialect, true);
  }

  clear(): void {
    this.telling = -1;
    this.#rank.fill(UNSET);
    this.#otherCount = 0;
    if (this.#textCount === 0) return;
    this.#text.fill(undefined);
    this.#textCount = 0;
  }

  has(field: number): boolean {
    return this.#rank[field] !== UNSET;
  }

  /** The field's value as text, '' when it has none. Quotes of a JSON-encoded string are taken off. */
  textOf(field: number): string {
    if (!this.has(field)) return '';
    const known = this.#text[field];
    if (known !== undefined) return known;
    const text = this.#makeText(field);
    this.#keepText(field, text);
    return text;
  }

  /** A number that stands for the field's value, the same for equal values; -1 when it has none. */
  idOf(field: number): number {
    if (!this.has(field)) return -1;
    if (this.#kind[field] === VALUE_KIND.string && this.#text[field] === undefined) {
      return this.#texts.intern(this.#buffer, this.#start[field]!, this.#end[field]!);
    }
    return this.#texts.internText(this.textOf(field));
  }

  /** As `idOf`, but by the bytes of the value as they were sent: numbers of lists and texts may be equal. */
  rawIdOf(field: number): number {
    if (!this.isList(field)) return this.idOf(field);
    return this.#texts.intern(this.#buffer, this.#start[field]!, this.#end[field]!);
  }

  /**
   * True when the value is a string of the request as it stands, `startOf` to `endOf`: not one that may be
   * quoted JSON, or a placeholder in angle brackets.
   */
  isPlain(field: number): boolean {
    if (this.#kind[field] !== VALUE_KIND.string || this.#text[field] !== undefined) return false;
    const first = this.#buffer[this.#start[field]!];
    return first !== QUOTE && first !== ANGLE;
  }

  startOf(field: number): number {
    return this.#start[field]!;
  }

  endOf(field: number): number {
    return this.#end[field]!;
  }

  isList(field: number): boolean {
    return this.#kind[field] === VALUE_KIND.array;
  }

  /** The field as a number, sent as one or as digits in a string; NaN when it is neither. */
  numberOf(field: number): number | undefined {
    if (!this.has(field)) return undefined;
    const kind = this.#kind[field]!;
    if (kind === VALUE_KIND.int || kind === VALUE_KIND.double) return this.#number[field]!;
    if (kind !== VALUE_KIND.string) return Number.NaN;
    if (this.#end[field]! - this.#start[field]! > NAME_BYTES_MAX) return Number.NaN;
    const text = this.textOf(field).trim();
    return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  }

  cachedInputRule(): PartRule | undefined {
    return (
      this.#roleOf(FIELD.inputTokens)?.cachedInput ??
      this.#roleOf(FIELD.cacheReadTokens)?.cachedInput ??
      this.#roleOf(FIELD.cacheWriteTokens)?.cachedInput
    );
  }

  reasoningOutputRule(): PartRule | undefined {
    return (
      this.#roleOf(FIELD.outputTokens)?.reasoningOutput ??
      this.#roleOf(FIELD.reasoningTokens)?.reasoningOutput
    );
  }

  totalHoldsAll(): boolean {
    return this.#roleOf(FIELD.totalTokens)?.totalHoldsAll === true;
  }

  #roleOf(field: number): KeyRole | undefined {
    return this.has(field) ? this.#roles.byRank[this.#rank[field]!] : undefined;
  }

  #keepText(field: number, text: string | undefined): void {
    if (text !== undefined) this.#textCount++;
    this.#text[field] = text;
  }

  #makeText(field: number): string {
    const kind = this.#kind[field]!;
    if (kind === VALUE_KIND.bool) return this.#number[field] === 0 ? 'false' : 'true';
    if (kind === VALUE_KIND.int || kind === VALUE_KIND.double) return String(this.#number[field]);
    const start = this.#start[field]!;
    const end = this.#end[field]!;
    if (kind !== VALUE_KIND.string) return this.#render(this.#buffer, kind, start, end);
    return unquote(this.#texts.textOf(this.#texts.intern(this.#buffer, start, end)));
  }

  /** First what only the dialect decides, then what depends on the kind words found by then. */
  #settleOthers(dialect: number, byKind: boolean): void {
    const kind = byKind ? this.textOf(FIELD.kind).toLowerCase() : '';
    const operation = byKind ? this.textOf(FIELD.operation).toLowerCase() : '';
    for (let at = 0; at < this.#otherCount; at++) {
      for (const role of this.#others[at]!) {
        if ((role.whenKind !== undefined) !== byKind) continue;
        if (role.own && role.dialect !== dialect) continue;
        if (byKind && !role.whenKind!.has(kind) && !role.whenKind!.has(operation)) continue;
        if (role.json === undefined) this.#takeOther(role, at);
        else this.#takeJson(role, at);
      }
    }
  }

  #takeOther({ field, rank }: KeyRole, at: number): void {
    const kind = this.#otherKind[at]!;
    const start = this.#otherStart[at]!;
    const end = this.#otherEnd[at]!;
    if (rank >= this.#rank[field]! || !isFit(field, kind, end - start)) return;
    this.#rank[field] = rank;
    this.#kind[field] = kind;
    this.#start[field] = start;
    this.#end[field] = end;
    this.#number[field] = this.#otherNumber[at]!;
    this.#keepText(field, undefined);
  }

  #takeJson({ rank, json }: KeyRole, at: number): void {
    const start = this.#otherStart[at]!;
    const end = this.#otherEnd[at]!;
    if (end - start > JSON_BYTES_MAX) return;
    const value = parseNotation(this.#render(this.#buffer, this.#otherKind[at]!, start, end));
    for (const { steps, field } of json!) {
      if (rank >= this.#rank[field]!) continue;
      const found = valueAt(value, steps);
      if (found === undefined || found === '' || String(found).length > NAME_BYTES_MAX) continue;
      this.#rank[field] = rank;
      this.#kind[field] = typeof found === 'number' ? VALUE_KIND.double : VALUE_KIND.string;
      this.#start[field] = 0;
      this.#end[field] = 0;
      this.#number[field] = typeof found === 'number' ? found : Number.NaN;
      this.#keepText(field, String(found));
    }
  }
}

/** An empty text says nothing, a long one is no name, and a list is neither; the next alias may be. */
function isFit(field: number, kind: number, length: number): boolean {
  if (((KINDS[field]! >> kind) & 1) === 0) return false;
  return kind !== VALUE_KIND.string || (length > 0 && length <= NAME_BYTES_MAX);
}
