import type { Picodollars } from './money.ts';

/**
 * A run: one execution of an agent, found in the spans of a trace. Types alone; `analysis` finds runs.
 * Ids are lower-case hex as in OTLP; times are nanoseconds since 1970 UTC.
 */

export const RUN_STATUSES = ['running', 'ok', 'error', 'abandoned'] as const;

/** `running`: its root span has not come; `abandoned`: it did not come within the bound either. */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Tokens of calls that count, each once. Null where no call reported the kind; parts are within their whole. */
export interface RunTokens {
  /** All input, cached parts included. */
  readonly input: number | null;
  /** All output, reasoning included. */
  readonly output: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  readonly reasoning: number | null;
}

export interface Run {
  readonly project: string;
  readonly traceId: string;
  /** The id of the run's root span, also while that span is missing and known as a parent alone. */
  readonly runId: string;
  /** '' for a run that no other run started. */
  readonly parentRunId: string;
  /** '' when nothing names an agent: unattributed. */
  readonly agent: string;
  /** Of the agent as observed: 16 hex digits over models, tools, system prompt and framework; '' when nothing is known. */
  readonly agentVersion: string;
  /** The root span's name; '' while it is missing. */
  readonly name: string;
  readonly service: string;
  readonly framework: string;
  /** No span says that it is the root of a run; there are model or tool calls outside of any. */
  readonly implied: boolean;
  readonly status: RunStatus;
  readonly errorType: string;
  readonly errorMessage: string;
  /** When the first of its spans was received; milliseconds since 1970 UTC, whole seconds. */
  readonly receivedMs: number;
  readonly startNs: bigint;
  /** Null while the run has no end. */
  readonly durationNs: bigint | null;
  readonly spanCount: number;
  readonly errorCount: number;
  /** Calls that count, each once, however many spans repeat it; those of child runs are theirs. */
  readonly modelCalls: number;
  readonly toolCalls: number;
  /** Calls made again after a failure of the same. */
  readonly retries: number;
  /** The longest row of calls of one tool with the same arguments. */
  readonly loopLength: number;
  readonly tokens: RunTokens;
  /** Model calls that did not fail and of which no usage was reported. */
  readonly callsWithoutTokens: number;
  /** Model calls whose counts are the instrumentation's guess. */
  readonly callsEstimated: number;
  /** Model calls with counts that cannot be (negative, absurd); they add nothing. */
  readonly callsInvalid: number;
  /** The sum over priced calls; null when there are calls and none has a price, 0 without calls. */
  readonly cost: Picodollars | null;
  /** Model calls with tokens and no known price; not in `cost`. */
  readonly callsUnpriced: number;
  readonly conversation: string;
  readonly user: string;
  readonly models: readonly string[];
  /** Tool name → calls. */
  readonly tools: Readonly<Record<string, number>>;
  /** The trace has more spans than are looked at: the counts are of a part of it. */
  readonly truncated: boolean;
}

/** Where a call's price came from. */
export const COST_SOURCES = ['override', 'library', 'reported', ''] as const;
/** '' without a cost. */
export type CostSource = (typeof COST_SOURCES)[number];

export interface CallCost {
  /** Null when no price is known. */
  readonly amount: Picodollars | null;
  readonly source: CostSource;
  /** Of the price book that gave the amount, or failed to: `library@0.1.8`, `override:<id>@<n>`; '' when none was asked. */
  readonly priceVersion: string;
  /** Why there is no amount: `unknown_model`, `unknown_tier`, `no_model`, `no_tokens`, `tokens_invalid`; '' with an amount. */
  readonly missing: string;
}

/** How a call came to be known: from spans, from log records (coding agents), or from the costs API. */
export const CALL_ORIGINS = ['span', 'log', 'event'] as const;
export type CallOrigin = (typeof CALL_ORIGINS)[number];

/** One call of a model that counts. */
export interface ModelCall {
  readonly project: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly runId: string;
  readonly agent: string;
  readonly origin: CallOrigin;
  readonly operation: string;
  readonly provider: string;
  /** The answered model, else the requested one. */
  readonly model: string;
  readonly requestModel: string;
  readonly startNs: bigint;
  readonly durationNs: bigint;
  readonly failed: boolean;
  readonly tokens: RunTokens;
  readonly estimated: boolean;
  readonly invalid: boolean;
  readonly cost: CallCost;
  readonly conversation: string;
  readonly user: string;
}

/** One call of a tool. Texts are null where they were not captured. */
export interface RunToolCall {
  readonly spanId: string;
  readonly name: string;
  readonly callId: string;
  readonly startNs: bigint;
  readonly durationNs: bigint;
  readonly failed: boolean;
  readonly errorType: string;
  readonly argumentsText: string | null;
  readonly resultText: string | null;
}

/** Text of a run's input or output, and the span that it stands on. */
export interface RunContent {
  readonly spanId: string;
  readonly text: string;
  /** Only the beginning is given. */
  readonly truncated: boolean;
}

/** A run with what it is made of: what checks look at. */
export interface RunDetail {
  readonly run: Run;
  readonly modelCalls: readonly ModelCall[];
  readonly toolCalls: readonly RunToolCall[];
  readonly input: RunContent | null;
  readonly output: RunContent | null;
}

/** The sum of two counts that may be unknown: what nobody reported stays unreported. */
export function addKnown(one: number | null, other: number | null): number | null {
  return one === null ? other : one + (other ?? 0);
}
