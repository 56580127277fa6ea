import type { SessionMetric } from '../model/baseline-metrics.ts';
import type { Picodollars } from '../model/money.ts';
import { priceCall } from '../semconv/price-call.ts';
import type { FindPrices } from '../semconv/price-call.ts';
import { createPriceLibrary } from '../semconv/price-library.ts';
import { normalizeProvider } from '../semconv/provider.ts';
import type { JsonObject } from '../base/verifier.ts';
import { readEvents } from './read-session.ts';
import type { ReadProblems, Session } from './read-session.ts';
import { EVENT_TYPES, numberIn, textIn } from './session-event.ts';
import type { SessionEvent } from './session-event.ts';
import { isCorrection, usageIn } from './usage-correction.ts';

const NS_PER_SECOND = 1_000_000_000n;
const NAMES_MAX = 10_000;

/** A session in figures. Tokens and costs are null where nobody told them, never 0. */
export interface SessionSummary {
  readonly startNs: bigint;
  /** Of the last event. */
  readonly endNs: bigint;
  readonly ended: boolean;
  readonly events: number;
  readonly prompts: number;
  readonly toolCalls: number;
  readonly modelCalls: number;
  /** Failed tool calls. */
  readonly toolErrors: number;
  readonly errors: number;
  /** Tool calls of the same tool as the one before. */
  readonly retries: number;
  readonly filesWritten: readonly string[];
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cacheWriteTokens: number | null;
  /** Null when a call with tokens has no price: a part would look like the whole. */
  readonly cost: Picodollars | null;
  readonly callsUnpriced: number;
  readonly models: readonly string[];
  /** Tool name → calls. */
  readonly tools: ReadonlyMap<string, number>;
  readonly problems: ReadProblems;
}

let library: FindPrices | undefined;

/** The price of a model call as an event tells it; of a correction, what the call costs more by it. */
export function costOf(response: SessionEvent): { amount: Picodollars | null; missing: string } {
  const { data } = response;
  if (!isCorrection(data)) return priceOf(response, data);
  const now = usageIn(data);
  const before = Object.entries(now).map(([figure, count]) => [
    figure,
    count - (numberIn(data, figure) ?? 0),
  ]);
  const after = priceOf(response, now);
  const { amount } = priceOf(response, Object.fromEntries(before) as JsonObject);
  if (after.amount === null || amount === null) return { amount: null, missing: after.missing };
  return { amount: after.amount - amount, missing: '' };
}

function priceOf(
  response: SessionEvent,
  data: JsonObject,
): { amount: Picodollars | null; missing: string } {
  const model = textIn(response.data, 'model');
  library ??= createPriceLibrary();
  return priceCall(
    {
      provider: normalizeProvider('', model),
      model,
      requestModel: model,
      atMs: Number(response.timeNs / 1_000_000n),
      tier: '',
      tokens: {
        input: numberIn(data, 'input_tokens') ?? null,
        output: numberIn(data, 'output_tokens') ?? null,
        cacheRead: numberIn(data, 'cache_read_tokens') ?? null,
        cacheWrite: numberIn(data, 'cache_write_tokens') ?? null,
        cacheWrite1h: numberIn(data, 'cache_write_1h_tokens') ?? null,
        reasoning: numberIn(data, 'reasoning_tokens') ?? null,
      },
      reportedCost: null,
      invalid: false,
    },
    library,
  );
}

/** Reckons up a session event by event, in memory that does not grow with it. */
export class SessionCounter {
  readonly #startNs: bigint;
  readonly #problems: ReadProblems;
  readonly #counts = {
    events: 0,
    prompts: 0,
    toolCalls: 0,
    modelCalls: 0,
    toolErrors: 0,
    errors: 0,
    retries: 0,
    callsUnpriced: 0,
  };
  readonly #tokens: Record<TokenKind, number | null> = {
    input: null,
    output: null,
    cache_read: null,
    cache_write: null,
  };
  readonly #models = new Set<string>();
  readonly #files = new Set<string>();
  readonly #tools = new Map<string, number>();
  #endNs: bigint;
  #ended = false;
  #lastTool = '';
  #cost: Picodollars = 0n;

  constructor(startNs: bigint, problems?: ReadProblems) {
    this.#startNs = startNs;
    this.#endNs = startNs;
    this.#problems = problems ?? { unreadable: 0, unknownTypes: new Map<string, number>() };
  }

  add(event: SessionEvent): void {
    const { data, type } = event;
    const counts = this.#counts;
    counts.events += 1;
    if (event.timeNs > this.#endNs) this.#endNs = event.timeNs;
    this.#ended = type === 'session_end' || (this.#ended && type !== 'session_start');
    if (!KNOWN_TYPES.has(type)) {
      const { unknownTypes } = this.#problems;
      unknownTypes.set(type, (unknownTypes.get(type) ?? 0) + 1);
    }
    if (type === 'user_prompt') counts.prompts += 1;
    else if (type === 'tool_call') this.#addToolCall(textIn(data, 'tool_name'));
    else if (type === 'llm_response') this.#addModelCall(event);
    else if (type === 'file_write' && this.#files.size < NAMES_MAX) {
      this.#files.add(textIn(data, 'path'));
    } else if (type === 'error') {
      counts.errors += 1;
      if (textIn(data, 'tool_name') !== '') counts.toolErrors += 1;
    }
  }

  #addToolCall(tool: string): void {
    this.#counts.toolCalls += 1;
    if (tool === this.#lastTool) this.#counts.retries += 1;
    this.#lastTool = tool;
    const known = this.#tools.get(tool);
    if (known !== undefined || this.#tools.size < NAMES_MAX)
      this.#tools.set(tool, (known ?? 0) + 1);
  }

  #addModelCall(event: SessionEvent): void {
    if (!isCorrection(event.data)) this.#counts.modelCalls += 1;
    for (const kind of TOKEN_KINDS) {
      const count = numberIn(event.data, `${kind}_tokens`);
      if (count !== undefined) this.#tokens[kind] = (this.#tokens[kind] ?? 0) + count;
    }
    const model = textIn(event.data, 'model');
    if (model !== '') this.#models.add(model);
    const { amount } = costOf(event);
    if (amount !== null) this.#cost += amount;
    else if (!isCorrection(event.data)) this.#counts.callsUnpriced += 1;
  }

  summary(): SessionSummary {
    const { callsUnpriced, modelCalls } = this.#counts;
    return {
      startNs: this.#startNs,
      endNs: this.#endNs,
      ended: this.#ended,
      ...this.#counts,
      filesWritten: [...this.#files],
      inputTokens: this.#tokens.input,
      outputTokens: this.#tokens.output,
      cacheReadTokens: this.#tokens.cache_read,
      cacheWriteTokens: this.#tokens.cache_write,
      // A session that tells of no model call has no known cost: hooks of most agents say nothing of them.
      cost: callsUnpriced > 0 || modelCalls === 0 ? null : this.#cost,
      models: [...this.#models],
      tools: this.#tools,
      problems: this.#problems,
    };
  }
}

const KNOWN_TYPES: ReadonlySet<string> = new Set(EVENT_TYPES);
const TOKEN_KINDS = ['input', 'output', 'cache_read', 'cache_write'] as const;
type TokenKind = (typeof TOKEN_KINDS)[number];

export function summarizeSession(session: Session): SessionSummary {
  const problems: ReadProblems = { unreadable: 0, unknownTypes: new Map() };
  const counter = new SessionCounter(BigInt(session.meta.started_at_ns), problems);
  for (const event of readEvents(session, problems)) counter.add(event);
  return counter.summary();
}

/** The figures that baselines are kept of; undefined where they cannot be told. */
export function metricsOf(
  summary: SessionSummary,
): Readonly<Record<SessionMetric, number | undefined>> {
  const { toolCalls, cost } = summary;
  const rate = (part: number): number | undefined =>
    toolCalls === 0 ? undefined : part / toolCalls;
  return {
    cost: cost === null ? undefined : Number(cost) / 1e12,
    duration: Number(summary.endNs - summary.startNs) / Number(NS_PER_SECOND),
    tool_calls: toolCalls,
    error_rate: rate(summary.toolErrors),
    retry_rate: rate(summary.retries),
    blast_radius: summary.filesWritten.length,
  };
}
