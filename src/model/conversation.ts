import type { Picodollars } from './money.ts';
import type { PartKind } from './message-shape.ts';
import type { Run, RunTokens } from './run.ts';

/**
 * A conversation: the runs that name the same conversation, in one trace or in many. Types alone. Ids are as the sender
 * wrote them; times are nanoseconds since 1970 UTC.
 */
export interface Conversation {
  readonly id: string;
  /** Those that its runs name, in byte order; as many as `NAMES_MAX`. */
  readonly agents: readonly string[];
  readonly users: readonly string[];
  readonly runs: number;
  readonly failedRuns: number;
  readonly traces: number;
  /** Spans that failed, in all of its runs. */
  readonly errors: number;
  /** Calls that count, each once. */
  readonly modelCalls: number;
  readonly toolCalls: number;
  /** When the first and the last of its runs began. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly tokens: RunTokens;
  /** The sum over priced calls; null when there are calls and none has a price, 0 without calls. */
  readonly cost: Picodollars | null;
  /** Calls with tokens and no known price; not in `cost`. */
  readonly callsUnpriced: number;
}

/** What one list names at most of agents or users. */
export const NAMES_MAX = 20;

/** A part of what was said. */
export interface ThreadPart {
  readonly kind: PartKind;
  readonly text: string;
  /** Only the beginning is given. */
  readonly truncated: boolean;
  /** Of a tool call or its result. */
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** The sender marked it for the provider's cache. */
  readonly cached: boolean;
  /** Of a tool call: what came back; undefined where nothing is known to have. */
  readonly result: { readonly text: string; readonly truncated: boolean } | undefined;
}

/** A message, said once, and the span that first carried it. */
export interface ThreadMessage {
  readonly role: string;
  /** '' when none is named. */
  readonly agent: string;
  readonly spanId: string;
  readonly parts: readonly ThreadPart[];
}

/** A run with what was said in it and not before. */
export interface ThreadRun {
  readonly run: Run;
  readonly messages: readonly ThreadMessage[];
  /** More was said than is given. */
  readonly truncated: boolean;
}
