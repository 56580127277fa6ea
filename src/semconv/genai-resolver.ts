import type { DictionaryColumn } from '../base/dictionary-column.ts';
import { Interner } from '../base/interner.ts';
import type { StringColumn } from '../base/string-column.ts';
import { GENAI_FLAG } from '../model/genai-columns.ts';
import type { GenAiColumns, NullableColumn } from '../model/genai-columns.ts';
import { AnswerCache } from './answer-cache.ts';
import { FAILURES, FIELDS } from './dialect.ts';
import type { KeyMeaning } from './key-roles.ts';
import { compileKeyRoles } from './key-roles.ts';
import { parseJson } from './json-path.ts';
import { frameworkInProvider, normalizeProvider } from './provider.ts';
import { profileOfScope, UNKNOWN_SCOPE } from './scope-profile.ts';
import type { ScopeProfile } from './scope-profile.ts';
import { natureOf } from './span-nature.ts';
import type { NatureRules, SpanNature } from './span-nature.ts';
import type { RenderValue } from './span-values.ts';
import { FIELD, SpanValues } from './span-values.ts';
import type { KnownEvent } from './told-events.ts';
import type { TokenCounts } from './tokens.ts';
import { CALL_TOKENS_MAX, normalizeTokens, TOKENS_MAX } from './tokens.ts';

export type { RenderValue } from './span-values.ts';

/** What the decoder knows of a span beside its attributes. One object, filled anew for each span. */
export interface SpanFacts {
  /** The span's name: its number in `names`. */
  nameId: number;
  names: Interner;
  /** 0 unset, 1 ok, 2 error. */
  statusCode: number;
  /** `exception.type` of the span's exception event, or ''. */
  exceptionType: string;
  /** The span has an event that tells how it was evaluated. */
  evaluated: boolean;
  /** `service.name` of the resource, or ''. */
  service: string;
  /** What `dialectOfScope` said of the span's scope. */
  scopeDialect: number;
  /** A log record stands for the span. */
  told: boolean;
}

/** Values that instrumentations write where they have no name: they name nothing. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  '<not specified>',
  '(merged tools)',
  'DynamicStructuredTool',
  'DynamicTool',
  'StructuredTool',
]);
/** Longer span names are not searched for names and operations. */
const SPAN_NAME_CHARS_MAX = 512;
const NATURE_SLOTS = 4096;
const PROVIDER_SLOTS = 1024;
const UNKNOWN = -1;
/** The number of '' in every dictionary of the view: it is the first text in each. */
const EMPTY = 0;

/** A nature, and the numbers of its texts in the dictionaries of the view's columns. */
interface KnownNature {
  readonly nature: SpanNature;
  readonly operation: number;
  readonly agent: number;
  readonly tool: number;
}

interface KnownProvider {
  readonly provider: number;
  readonly name: string;
  /** The framework that stood where the provider belongs, or ''. */
  readonly framework: string;
}

/**
 * Turns the attributes of one span after the other into a row of `GenAiColumns`. Attributes arrive as
 * byte ranges of the request; what follows from distinct texts is worked out once and kept until `reset`,
 * which must come with the reset of the columns.
 */
export class GenAiResolver {
  readonly #rules: NatureRules;
  readonly #meaningOf: (key: string) => KeyMeaning | undefined;
  /** Texts as they were sent; their numbers index the memos. */
  readonly #texts = new Interner();
  readonly #values: SpanValues;
  readonly #scopes = new Map<string, number>();
  readonly #profiles: ScopeProfile[] = [];
  readonly #natures = new AnswerCache<KnownNature>(NATURE_SLOTS);
  readonly #providers = new AnswerCache<KnownProvider>(PROVIDER_SLOTS);
  /** By field (lists after the rest) and number of the text: the number in the column's dictionary. */
  readonly #memos: Int32Array[] = [];
  #out: GenAiColumns | undefined;
  #failed = 0;
  #lastService = '';
  #lastServiceId = UNKNOWN;
  readonly #counts: TokenCounts = {
    input: undefined,
    output: undefined,
    cacheRead: undefined,
    cacheWrite: undefined,
    cacheWrite5m: undefined,
    cacheWrite1h: undefined,
    reasoning: undefined,
    total: undefined,
  };
  #invalid = false;

  constructor(rules: NatureRules, render: RenderValue) {
    const roles = compileKeyRoles(rules.dialects);
    this.#rules = rules;
    this.#meaningOf = roles.meaningOf;
    this.#values = new SpanValues(roles, render, this.#texts);
    this.#forget();
  }

  /** What a key means; callers ask once per distinct key. */
  meaningOf(key: string): KeyMeaning | undefined {
    return this.#meaningOf(key);
  }

  /** A number for what the scope's name tells of its spans, good until `reset`; -1 when it tells nothing. */
  dialectOfScope(scopeName: string): number {
    const known = this.#scopes.get(scopeName);
    if (known !== undefined) return known;
    const profile = profileOfScope(scopeName, this.#rules.dialects);
    const tells = profile.dialect !== -1 || profile.framework !== '';
    const id = tells ? this.#profiles.push(profile) - 1 : -1;
    this.#scopes.set(scopeName, id);
    return id;
  }

  /** The same for spans that log records stand for, of which their event tells more than the scope. */
  dialectOfEvent({ profile }: KnownEvent): number {
    return this.#profiles.push(profile) - 1;
  }

  /** Notes an attribute whose key means something. `number` is the value of ints, doubles and bools. */
  offer(meaning: KeyMeaning, kind: number, start: number, end: number, number: number): void {
    this.#values.offer(meaning, kind, start, end, number);
  }

  /** Writes the row of the span whose attributes were offered since the last call. */
  resolve(buffer: Uint8Array, facts: SpanFacts, out: GenAiColumns): void {
    if (out !== this.#out || out.operation.dictionary.count === 0) this.#begin(out);
    const profile = this.#profiles[facts.scopeDialect] ?? UNKNOWN_SCOPE;
    const dialect = profile.dialect === -1 ? this.#values.telling : profile.dialect;
    this.#values.settle(buffer, dialect);
    const known = this.#nature(dialect, facts, out);
    const provider = this.#pushModel(known.nature, out);
    this.#pushNames(known, facts, profile, out);
    this.#pushOrigin(dialect, profile, provider.framework, out);
    this.#pushTexts(buffer, facts, out);
    const isCall = (known.nature.flags & GENAI_FLAG.modelCall) !== 0;
    this.#pushCounts(profile, provider.name, isCall ? CALL_TOKENS_MAX : TOKENS_MAX, out);
    const estimated = profile.rule.estimated === true ? GENAI_FLAG.tokensEstimated : 0;
    const invalid = this.#invalid ? GENAI_FLAG.tokensInvalid : 0;
    const evaluated = facts.evaluated ? GENAI_FLAG.evaluated : 0;
    const told = facts.told ? GENAI_FLAG.told : 0;
    out.flags.u8(known.nature.flags | estimated | invalid | evaluated | told);
    this.#values.clear();
  }

  /** Forgets the span that was being offered. */
  abandon(): void {
    this.#values.clear();
  }

  reset(): void {
    this.#values.clear();
    this.#texts.reset();
    this.#scopes.clear();
    this.#profiles.length = 0;
    this.#forget();
  }

  #forget(): void {
    this.#natures.reset();
    this.#providers.reset();
    for (let at = 0; at < FIELDS.length * 2; at++) this.#memos[at] = new Int32Array(0);
    this.#lastServiceId = UNKNOWN;
  }

  /** The columns are new or emptied: no number of theirs is known any more. */
  #begin(out: GenAiColumns): void {
    this.#forget();
    this.#out = out;
    for (const { dictionary } of [out.agent, out.operation, out.requestModel, out.responseModel])
      dictionary.internText('');
    for (const { dictionary } of [out.provider, out.framework, out.dialect, out.toolName])
      dictionary.internText('');
    for (const { dictionary } of [out.errorType, out.finishReasons, out.serviceTier])
      dictionary.internText('');
    this.#failed = out.errorType.dictionary.internText('_OTHER');
  }

  #nature(dialect: number, facts: SpanFacts, out: GenAiColumns): KnownNature {
    const values = this.#values;
    const hasTool = values.has(FIELD.toolName);
    const hasModel = values.has(FIELD.requestModel) || values.has(FIELD.responseModel);
    const hasTokens = values.has(FIELD.inputTokens) || values.has(FIELD.outputTokens);
    const presence = (hasTool ? 1 : 0) + (hasModel ? 2 : 0) + (hasTokens ? 4 : 0);
    const operation = values.idOf(FIELD.operation);
    const kind = values.idOf(FIELD.kind);
    const known = this.#natures.find(facts.nameId, operation, kind, (dialect + 1) * 8 + presence);
    if (known !== undefined) return known;
    const input = {
      operation: values.textOf(FIELD.operation),
      kind: values.textOf(FIELD.kind),
      spanName: facts.names.textOf(facts.nameId).slice(0, SPAN_NAME_CHARS_MAX),
      hasTool,
      hasModel,
      hasTokens,
    };
    const nature = natureOf(input, dialect, this.#rules);
    return this.#natures.keep({
      nature,
      operation: out.operation.dictionary.internText(nature.operation),
      agent: out.agent.dictionary.internText(nature.agent),
      tool: out.toolName.dictionary.internText(nameIn(nature.tool)),
    });
  }

  #pushModel(nature: SpanNature, out: GenAiColumns): KnownProvider {
    let request = this.#idIn(FIELD.requestModel, out.requestModel);
    if (request === EMPTY && nature.model !== '') {
      request = out.requestModel.dictionary.internText(nature.model);
    }
    const response = this.#idIn(FIELD.responseModel, out.responseModel);
    out.requestModel.ids.push(request);
    out.responseModel.ids.push(response);
    const sent = this.#values.idOf(FIELD.provider);
    const known =
      this.#providers.find(sent, request, response, 0) ??
      this.#providers.keep(this.#provider(request, response, out));
    out.provider.ids.push(known.provider);
    return known;
  }

  #provider(request: number, response: number, out: GenAiColumns): KnownProvider {
    const sent = this.#values.textOf(FIELD.provider);
    const model =
      out.requestModel.dictionary.textOf(request) || out.responseModel.dictionary.textOf(response);
    const name = normalizeProvider(sent, model);
    return {
      provider: out.provider.dictionary.internText(name),
      name,
      framework: frameworkInProvider(sent) ?? '',
    };
  }

  #pushNames(known: KnownNature, facts: SpanFacts, profile: ScopeProfile, out: GenAiColumns): void {
    out.operation.ids.push(known.operation);
    const tool = this.#idIn(FIELD.toolName, out.toolName);
    out.toolName.ids.push(tool === EMPTY ? known.tool : tool);
    let agent = this.#idIn(FIELD.agentName, out.agent);
    if (agent === EMPTY && !this.#isModel(known.nature.agent, out)) agent = known.agent;
    if (agent === EMPTY) agent = this.#idIn(FIELD.serviceName, out.agent);
    if (agent === EMPTY) agent = this.#agentOfService(facts.service, out);
    out.agent.ids.push(profile.rule.agentless === true ? EMPTY : agent);
  }

  /** Some spans are called `invoke_agent` and a model. */
  #isModel(name: string, out: GenAiColumns): boolean {
    if (name === '') return false;
    const { requestModel } = out;
    return (
      requestModel.dictionary.textOf(requestModel.ids.values[requestModel.ids.count - 1]!) === name
    );
  }

  #agentOfService(service: string, out: GenAiColumns): number {
    if (isNameless(service)) {
      const trace = this.#idIn(FIELD.traceName, out.agent);
      if (trace !== EMPTY) return trace;
    }
    if (service !== this.#lastService || this.#lastServiceId === UNKNOWN) {
      this.#lastService = service;
      this.#lastServiceId = out.agent.dictionary.internText(service);
    }
    return this.#lastServiceId;
  }

  #pushOrigin(dialect: number, profile: ScopeProfile, provider: string, out: GenAiColumns): void {
    const own = this.#rules.dialects[dialect];
    out.dialect.pushText(own?.id ?? '');
    out.framework.pushText(own?.framework ?? (profile.framework || provider));
  }

  #pushTexts(buffer: Uint8Array, facts: SpanFacts, out: GenAiColumns): void {
    this.#pushCopy(FIELD.toolCallId, buffer, out.toolCallId);
    this.#pushCopy(FIELD.conversation, buffer, out.conversation);
    this.#pushCopy(FIELD.user, buffer, out.user);
    out.errorType.ids.push(this.#error(facts, out));
    out.finishReasons.ids.push(this.#finish(out.finishReasons));
    out.serviceTier.ids.push(this.#idIn(FIELD.serviceTier, out.serviceTier));
  }

  #error(facts: SpanFacts, out: GenAiColumns): number {
    const sent = this.#idIn(FIELD.errorType, out.errorType);
    if (sent !== EMPTY) return sent;
    if (facts.exceptionType !== '') return out.errorType.dictionary.internText(facts.exceptionType);
    if (facts.statusCode === 2) return this.#failed;
    if (!this.#values.has(FIELD.outcome)) return EMPTY;
    return FAILURES.has(this.#values.textOf(FIELD.outcome).toLowerCase()) ? this.#failed : EMPTY;
  }

  /** Values that differ from span to span are copied, not kept. */
  #pushCopy(field: number, buffer: Uint8Array, column: StringColumn): void {
    const values = this.#values;
    if (!values.has(field)) column.pushEmpty();
    else if (values.isPlain(field)) {
      column.push(buffer, values.startOf(field), values.endOf(field));
    } else column.pushText(nameIn(values.textOf(field)));
  }

  #finish(column: DictionaryColumn): number {
    const values = this.#values;
    const field = FIELD.finishReasons;
    if (!values.has(field)) return EMPTY;
    // A list's bytes are as good as a text to tell equal lists by, and cost nothing to make.
    const memo = values.isList(field) ? FIELDS.length + field : field;
    const raw = values.rawIdOf(field);
    const known = this.#memos[memo]![raw] ?? UNKNOWN;
    if (known !== UNKNOWN) return known;
    return this.#memoize(memo, raw, column.dictionary.internText(joined(values.textOf(field))));
  }

  /** The number of the field's text in the column's dictionary. */
  #idIn(field: number, column: DictionaryColumn): number {
    const values = this.#values;
    const text = values.idOf(field);
    if (text === UNKNOWN) return EMPTY;
    const known = this.#memos[field]![text] ?? UNKNOWN;
    if (known !== UNKNOWN) return known;
    return this.#memoize(field, text, column.dictionary.internText(nameIn(values.textOf(field))));
  }

  #memoize(memo: number, text: number, id: number): number {
    let numbers = this.#memos[memo]!;
    if (text >= numbers.length) {
      const grown = new Int32Array(Math.max(64, numbers.length * 2, text + 1)).fill(UNKNOWN);
      grown.set(numbers);
      numbers = grown;
      this.#memos[memo] = grown;
    }
    numbers[text] = id;
    return id;
  }

  #pushCounts(profile: ScopeProfile, provider: string, countMax: number, out: GenAiColumns): void {
    const counts = this.#counts;
    const values = this.#values;
    this.#invalid = false;
    counts.input = this.#count(FIELD.inputTokens, countMax);
    counts.output = this.#count(FIELD.outputTokens, countMax);
    counts.cacheRead = this.#count(FIELD.cacheReadTokens, countMax);
    counts.cacheWrite = this.#count(FIELD.cacheWriteTokens, countMax);
    counts.cacheWrite5m = this.#count(FIELD.cacheWrite5mTokens, countMax);
    counts.cacheWrite1h = this.#count(FIELD.cacheWrite1hTokens, countMax);
    counts.reasoning = this.#count(FIELD.reasoningTokens, countMax);
    if (hasParts(counts)) {
      counts.total = values.numberOf(FIELD.totalTokens);
      normalizeTokens(counts, {
        cachedInput: profile.rule.cachedInput ?? values.cachedInputRule(),
        reasoningOutput: profile.rule.reasoningOutput ?? values.reasoningOutputRule(),
        totalHoldsAll: values.totalHoldsAll(),
        provider,
      });
    }
    pushCount(out.inputTokens, counts.input);
    pushCount(out.outputTokens, counts.output);
    pushCount(out.cacheReadTokens, counts.cacheRead);
    pushCount(out.cacheWriteTokens, counts.cacheWrite);
    pushCount(out.cacheWrite1hTokens, counts.cacheWrite1h);
    pushCount(out.reasoningTokens, counts.reasoning);
    const cost = values.numberOf(FIELD.reportedCost);
    if (cost === undefined || !Number.isFinite(cost) || cost < 0) out.reportedCost.pushNull();
    else out.reportedCost.pushDouble(cost);
  }

  #count(field: number, countMax: number): number | undefined {
    const value = this.#values.numberOf(field);
    if (value === undefined) return undefined;
    if (Number.isInteger(value) && value >= 0 && value <= countMax) return value;
    this.#invalid = true;
    return undefined;
  }
}

function nameIn(text: string): string {
  return PLACEHOLDERS.has(text) ? '' : text;
}

function isNameless(service: string): boolean {
  return service === '' || service.startsWith('unknown_service');
}

function hasParts(counts: TokenCounts): boolean {
  return (
    counts.cacheRead !== undefined ||
    counts.cacheWrite !== undefined ||
    counts.cacheWrite5m !== undefined ||
    counts.cacheWrite1h !== undefined ||
    counts.reasoning !== undefined
  );
}

/** Finish reasons, sent as a word or a list, or as JSON text of one, with commas between. */
function joined(text: string): string {
  const list = text.startsWith('[') ? parseJson(text) : undefined;
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string').join(',') : text;
}

function pushCount(column: NullableColumn, value: number | undefined): void {
  if (value === undefined) column.pushNull();
  else column.pushCount(value);
}
