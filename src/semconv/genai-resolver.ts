import { Interner } from '../base/interner.ts';
import { GENAI_FLAG } from '../model/genai-columns.ts';
import type { GenAiColumns, NullableColumn } from '../model/genai-columns.ts';
import { VALUE_KIND } from '../model/value-kind.ts';
import type { Field } from './dialect.ts';
import { FIELDS } from './dialect.ts';
import type { KeyMeaning, KeyRole } from './key-roles.ts';
import { compileKeyRoles } from './key-roles.ts';
import { frameworkInProvider, normalizeProvider } from './provider.ts';
import { natureOf } from './span-nature.ts';
import type { NatureRules, SpanNature } from './span-nature.ts';
import type { TokenCounts } from './tokens.ts';
import { normalizeTokens, TOKENS_MAX } from './tokens.ts';

/** Renders any attribute value as text: strings as they are, the rest as JSON. */
export type RenderValue = (buffer: Uint8Array, kind: number, start: number, end: number) => string;

/** What the decoder knows of a span beside its attributes. One object, filled anew for each span. */
export interface SpanFacts {
  /** The span's name: its number in `names`. */
  nameId: number;
  names: Interner;
  /** 0 unset, 1 ok, 2 error. */
  statusCode: number;
  /** `exception.type` of the span's exception event, or ''. */
  exceptionType: string;
  /** `service.name` of the resource, or ''. */
  service: string;
  /** The dialect that the scope's name tells, or -1. */
  scopeDialect: number;
}

const FIELD = Object.fromEntries(FIELDS.map((field, index) => [field, index])) as Record<
  Field,
  number
>;
const UNSET = 0x7fffffff;
const JSON_BYTES_MAX = 256 * 1024;

/**
 * Turns the attributes of one span after the other into a row of `GenAiColumns`. Attributes arrive as
 * byte ranges of the request; what follows from distinct names is worked out once and kept until `reset`.
 */
export class GenAiResolver {
  readonly #rules: NatureRules;
  readonly #meaningOf: (key: string) => KeyMeaning | undefined;
  readonly #render: RenderValue;
  /** Categorical values as they were sent; ids index the memos. */
  readonly #values = new Interner();
  readonly #natures = new Map<number, SpanNature>();
  readonly #providers = new Map<number, { provider: string; framework: string }>();
  readonly #finishReasons = new Map<number, string>();

  // The hits of the present span.
  #hits: KeyMeaning[] = [];
  #hitCount = 0;
  readonly #hitKind = new Uint8Array(4096);
  readonly #hitStart = new Uint32Array(4096);
  readonly #hitEnd = new Uint32Array(4096);
  readonly #hitNumber = new Float64Array(4096);

  // The best value so far for each field.
  readonly #rank = new Int32Array(FIELDS.length);
  readonly #kind = new Uint8Array(FIELDS.length);
  readonly #start = new Uint32Array(FIELDS.length);
  readonly #end = new Uint32Array(FIELDS.length);
  readonly #number = new Float64Array(FIELDS.length);
  readonly #text: (string | undefined)[] = FIELDS.map(() => undefined);
  #buffer: Uint8Array = new Uint8Array(0);

  readonly #counts: TokenCounts = {
    input: undefined,
    output: undefined,
    cacheRead: undefined,
    cacheWrite: undefined,
    reasoning: undefined,
  };
  #invalid = false;

  constructor(rules: NatureRules, render: RenderValue) {
    this.#rules = rules;
    this.#meaningOf = compileKeyRoles(rules.dialects);
    this.#render = render;
  }

  /** What a key means; callers ask once per distinct key. */
  meaningOf(key: string): KeyMeaning | undefined {
    return this.#meaningOf(key);
  }

  /** The dialect that a scope's name tells, or -1. */
  dialectOfScope(scopeName: string): number {
    return this.#rules.dialects.findIndex((dialect) =>
      dialect.scopes?.some((scope) =>
        typeof scope === 'string' ? scope === scopeName : scope.test(scopeName),
      ),
    );
  }

  /** Notes an attribute whose key means something. `number` is the value of ints, doubles and bools. */
  offer(meaning: KeyMeaning, kind: number, start: number, end: number, number: number): void {
    const at = this.#hitCount;
    if (at === this.#hitKind.length) return;
    this.#hits[at] = meaning;
    this.#hitKind[at] = kind;
    this.#hitStart[at] = start;
    this.#hitEnd[at] = end;
    this.#hitNumber[at] = number;
    this.#hitCount = at + 1;
  }

  /** Writes the row of the span whose attributes were offered since the last call. */
  resolve(buffer: Uint8Array, facts: SpanFacts, out: GenAiColumns): void {
    this.#buffer = buffer;
    const dialect = this.#assign(facts.scopeDialect);
    const nature =
      this.#hitCount === 0 && dialect === -1 ? this.#plain(facts) : this.#nature(dialect, facts);
    this.#hitCount = 0;
    this.#pushNames(dialect, nature, facts, out);
    this.#pushTexts(facts, out);
    this.#pushNumbers(dialect, nature, out);
  }

  /** Forgets the span that was being offered. */
  abandon(): void {
    this.#hitCount = 0;
  }

  reset(): void {
    this.#hitCount = 0;
    this.#hits = [];
    this.#rank.fill(UNSET);
    this.#values.reset();
    this.#natures.clear();
    this.#providers.clear();
    this.#finishReasons.clear();
  }

  /** Chooses the best attribute for each field; returns the span's dialect. */
  #assign(scopeDialect: number): number {
    this.#rank.fill(UNSET);
    this.#text.fill(undefined);
    const dialect = scopeDialect === -1 ? this.#fingerprint() : scopeDialect;
    let conditional = false;
    for (let hit = 0; hit < this.#hitCount; hit++) {
      for (const role of this.#hits[hit]!.roles) {
        if (role.own && role.dialect !== dialect) continue;
        if (role.whenKind !== undefined) conditional = true;
        else if (role.json !== undefined) this.#takeJson(role, hit);
        else this.#take(role.field, role.rank, hit);
      }
    }
    if (conditional) this.#assignConditional(dialect);
    return dialect;
  }

  #assignConditional(dialect: number): void {
    const kind = this.#textOf(FIELD.kind).toLowerCase();
    const operation = this.#textOf(FIELD.operation).toLowerCase();
    for (let hit = 0; hit < this.#hitCount; hit++) {
      for (const role of this.#hits[hit]!.roles) {
        if (role.whenKind === undefined || (role.own && role.dialect !== dialect)) continue;
        if (role.whenKind.has(kind) || role.whenKind.has(operation)) {
          this.#take(role.field, role.rank, hit);
        }
      }
    }
  }

  /** The most telling key decides: the last dialect in order, as the first are the general ones. */
  #fingerprint(): number {
    let best = -1;
    for (let hit = 0; hit < this.#hitCount; hit++) {
      for (const dialect of this.#hits[hit]!.fingerprintOf) if (dialect > best) best = dialect;
    }
    return best;
  }

  #take(field: number, rank: number, hit: number): void {
    if (rank >= this.#rank[field]!) return;
    const kind = this.#hitKind[hit]!;
    const start = this.#hitStart[hit]!;
    const end = this.#hitEnd[hit]!;
    // An empty text says nothing; the next alias may.
    if (kind === VALUE_KIND.empty || (kind === VALUE_KIND.string && start === end)) return;
    this.#rank[field] = rank;
    this.#kind[field] = kind;
    this.#start[field] = start;
    this.#end[field] = end;
    this.#number[field] = this.#hitNumber[hit]!;
    this.#text[field] = undefined;
  }

  #takeJson(role: KeyRole, hit: number): void {
    const start = this.#hitStart[hit]!;
    const end = this.#hitEnd[hit]!;
    if (end - start > JSON_BYTES_MAX) return;
    const value = parseJson(this.#render(this.#buffer, this.#hitKind[hit]!, start, end));
    for (const { path, field } of role.json ?? []) {
      if (role.rank >= this.#rank[field]!) continue;
      const found = path.reduce<unknown>(
        (at, name) => (at as Record<string, unknown> | null)?.[name],
        value,
      );
      if (typeof found !== 'string' && typeof found !== 'number') continue;
      this.#rank[field] = role.rank;
      this.#kind[field] = typeof found === 'number' ? VALUE_KIND.double : VALUE_KIND.bytes;
      this.#number[field] = typeof found === 'number' ? found : Number.NaN;
      this.#text[field] = String(found);
    }
  }

  #has(field: number): boolean {
    return this.#rank[field] !== UNSET;
  }

  /** The field's value as text, '' when it has none. Quotes of a JSON-encoded string are taken off. */
  #textOf(field: number): string {
    if (!this.#has(field)) return '';
    const known = this.#text[field];
    if (known !== undefined) return known;
    const kind = this.#kind[field]!;
    const start = this.#start[field]!;
    const end = this.#end[field]!;
    let text: string;
    if (kind === VALUE_KIND.string) {
      text = this.#values.textOf(this.#values.intern(this.#buffer, start, end));
      if (text.length > 1 && text.startsWith('"') && text.endsWith('"')) text = text.slice(1, -1);
    } else if (kind === VALUE_KIND.bool) {
      text = this.#number[field] === 0 ? 'false' : 'true';
    } else if (kind === VALUE_KIND.int || kind === VALUE_KIND.double) {
      text = String(this.#number[field]);
    } else {
      text = this.#render(this.#buffer, kind, start, end);
    }
    this.#text[field] = text;
    return text;
  }

  /** A small number that stands for the field's text; 0 when it has none. */
  #idOf(field: number): number {
    if (!this.#has(field)) return 0;
    if (this.#kind[field] === VALUE_KIND.string && this.#text[field] === undefined) {
      return this.#values.intern(this.#buffer, this.#start[field]!, this.#end[field]!) + 1;
    }
    return this.#values.internText(this.#textOf(field)) + 1;
  }

  #plain(facts: SpanFacts): SpanNature {
    return this.#remember(facts.nameId, () =>
      natureOf(
        {
          operation: '',
          kind: '',
          spanName: facts.names.textOf(facts.nameId),
          hasTool: false,
          hasModel: false,
          hasTokens: false,
        },
        -1,
        this.#rules,
      ),
    );
  }

  #nature(dialect: number, facts: SpanFacts): SpanNature {
    const operation = this.#idOf(FIELD.operation);
    const kind = this.#idOf(FIELD.kind);
    const hasTool = this.#has(FIELD.toolName);
    const hasModel = this.#has(FIELD.requestModel) || this.#has(FIELD.responseModel);
    const hasTokens = this.#has(FIELD.inputTokens) || this.#has(FIELD.outputTokens);
    const presence = (hasTool ? 1 : 0) + (hasModel ? 2 : 0) + (hasTokens ? 4 : 0) + 8;
    const key = mixed([facts.nameId, operation, kind, (dialect + 1) * 16 + presence]);
    return this.#remember(key, () =>
      natureOf(
        {
          operation: this.#textOf(FIELD.operation),
          kind: this.#textOf(FIELD.kind),
          spanName: facts.names.textOf(facts.nameId),
          hasTool,
          hasModel,
          hasTokens,
        },
        dialect,
        this.#rules,
      ),
    );
  }

  #remember(key: number, work: () => SpanNature): SpanNature {
    if (key === -1) return work();
    const known = this.#natures.get(key);
    if (known !== undefined) return known;
    const nature = work();
    this.#natures.set(key, nature);
    return nature;
  }

  #pushNames(dialect: number, nature: SpanNature, facts: SpanFacts, out: GenAiColumns): void {
    const agent =
      this.#textOf(FIELD.agentName) ||
      nature.agent ||
      this.#textOf(FIELD.serviceName) ||
      facts.service;
    out.agent.pushText(agent);
    out.operation.pushText(nature.operation);
    const requestModel = this.#textOf(FIELD.requestModel) || nature.model;
    out.requestModel.pushText(requestModel);
    out.responseModel.pushText(this.#textOf(FIELD.responseModel));
    const own = this.#rules.dialects[dialect];
    const { provider, framework } = this.#provider(requestModel);
    out.provider.pushText(provider);
    out.framework.pushText(own?.framework ?? framework);
    out.dialect.pushText(own?.id ?? '');
    out.toolName.pushText(this.#textOf(FIELD.toolName) || nature.tool);
  }

  #provider(requestModel: string): { provider: string; framework: string } {
    if (!this.#has(FIELD.provider) && requestModel === '' && !this.#has(FIELD.responseModel)) {
      return { provider: '', framework: '' };
    }
    const key = mixed([
      this.#idOf(FIELD.provider),
      this.#idOf(FIELD.requestModel),
      this.#idOf(FIELD.responseModel),
      0,
    ]);
    const known = this.#providers.get(key);
    if (known !== undefined && key !== -1) return known;
    const named = this.#textOf(FIELD.provider);
    const model = requestModel || this.#textOf(FIELD.responseModel);
    const answer = {
      provider: normalizeProvider(named, model),
      framework: frameworkInProvider(named) ?? '',
    };
    this.#providers.set(key, answer);
    return answer;
  }

  #pushTexts(facts: SpanFacts, out: GenAiColumns): void {
    this.#pushString(FIELD.toolCallId, out.toolCallId);
    this.#pushString(FIELD.conversation, out.conversation);
    this.#pushString(FIELD.user, out.user);
    const failed = facts.statusCode === 2 ? '_OTHER' : '';
    out.errorType.pushText(this.#textOf(FIELD.errorType) || facts.exceptionType || failed);
    out.finishReasons.pushText(this.#finish());
  }

  /** Values that differ from span to span are copied, not kept. */
  #pushString(field: number, column: GenAiColumns['conversation']): void {
    if (!this.#has(field)) {
      column.pushEmpty();
      return;
    }
    const start = this.#start[field]!;
    const end = this.#end[field]!;
    const quoted =
      end - start > 1 && this.#buffer[start] === 0x22 && this.#buffer[end - 1] === 0x22;
    if (this.#kind[field] !== VALUE_KIND.string || this.#text[field] !== undefined) {
      column.pushText(this.#textOf(field));
    } else if (quoted) column.push(this.#buffer, start + 1, end - 1);
    else column.push(this.#buffer, start, end);
  }

  #finish(): string {
    if (!this.#has(FIELD.finishReasons)) return '';
    const raw = this.#idOf(FIELD.finishReasons);
    const known = this.#finishReasons.get(raw);
    if (known !== undefined) return known;
    const text = this.#textOf(FIELD.finishReasons);
    const list = text.startsWith('[') ? parseJson(text) : undefined;
    const joined = Array.isArray(list)
      ? list.filter((item) => typeof item === 'string').join(',')
      : text;
    this.#finishReasons.set(raw, joined);
    return joined;
  }

  #pushNumbers(dialect: number, nature: SpanNature, out: GenAiColumns): void {
    const counts = this.#counts;
    this.#invalid = false;
    counts.input = this.#count(FIELD.inputTokens);
    counts.output = this.#count(FIELD.outputTokens);
    counts.cacheRead = this.#count(FIELD.cacheReadTokens);
    counts.cacheWrite = this.#count(FIELD.cacheWriteTokens);
    counts.reasoning = this.#count(FIELD.reasoningTokens);
    normalizeTokens(counts, this.#rules.dialects[dialect]);
    pushCount(out.inputTokens, counts.input);
    pushCount(out.outputTokens, counts.output);
    pushCount(out.cacheReadTokens, counts.cacheRead);
    pushCount(out.cacheWriteTokens, counts.cacheWrite);
    pushCount(out.reasoningTokens, counts.reasoning);
    const cost = this.#numeric(FIELD.reportedCost);
    if (cost === undefined || !Number.isFinite(cost) || cost < 0) out.reportedCost.pushNull();
    else out.reportedCost.pushDouble(cost);
    out.flags.u8(nature.flags | (this.#invalid ? GENAI_FLAG.tokensInvalid : 0));
  }

  #count(field: number): number | undefined {
    const value = this.#numeric(field);
    if (value === undefined) return undefined;
    if (Number.isInteger(value) && value >= 0 && value <= TOKENS_MAX) return value;
    this.#invalid = true;
    return undefined;
  }

  /** The field as a number, written as one or as digits in a string; NaN when it is neither. */
  #numeric(field: number): number | undefined {
    if (!this.#has(field)) return undefined;
    const kind = this.#kind[field]!;
    if (kind === VALUE_KIND.int || kind === VALUE_KIND.double) return this.#number[field]!;
    const text = this.#textOf(field).trim();
    return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  }
}

/** Four small numbers in one safe integer, or -1 when they are too large for that. */
function mixed(parts: readonly [number, number, number, number]): number {
  const [a, b, c, d] = parts;
  if (a >= 65536 || b >= 4096 || c >= 4096 || d >= 4096) return -1;
  return ((d * 4096 + c) * 4096 + b) * 65536 + a;
}

function pushCount(column: NullableColumn, value: number | undefined): void {
  if (value === undefined) column.pushNull();
  else column.pushCount(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Text that is not JSON has no parts to read; it stays in the raw attributes.
    return undefined;
  }
}
