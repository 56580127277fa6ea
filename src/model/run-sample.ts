/** A run as far as baselines look at it. */
export interface RunSample {
  readonly traceId: string;
  readonly runId: string;
  /** Milliseconds since 1970 UTC. */
  readonly startMs: number;
  /** Of the agent as observed; '' when nothing is known of it. */
  readonly version: string;
  readonly failed: boolean;
  /** Null without an end. */
  readonly durationS: number | null;
  /** US dollars; null when it has model calls with tokens and not all of them have a price. */
  readonly cost: number | null;
  /** Input and output; null when neither was reported. */
  readonly tokens: number | null;
  readonly loopLength: number;
  readonly models: readonly string[];
  /** Tool → calls. */
  readonly tools: Readonly<Record<string, number>>;
}
