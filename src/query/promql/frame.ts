import { setImmediate as breathe } from 'node:timers/promises';

import { AppError } from '../../errors.ts';
import type { Matcher } from './ast.ts';
import { queryFailed } from './query-error.ts';
import type { Series } from './series.ts';

/** Where samples come from. */
export interface SeriesSource {
  /** Every series that fits, with its samples in `(fromMs, toMs]`; those without any are left out. */
  select(
    matchers: readonly Matcher[],
    fromMs: number,
    toMs: number,
    use?: SampleUse,
  ): Promise<readonly Series[]>;
}

/** What is made of samples: their values, or only by how much they differ, or whether they are there. */
export type SampleUse = 'values' | 'differences';

/** The steps that a query is evaluated at, and what it may use. */
export interface Frame {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
  /** Of the query as a whole, for `@ start()` and `@ end()` within subqueries. */
  readonly queryStartMs: number;
  readonly queryEndMs: number;
  readonly source: SeriesSource;
  readonly budget: Budget;
}

/** How old the newest sample may be that an instant selector takes. */
export const LOOKBACK_MS = 300_000;

const SAMPLES_BETWEEN_BREATHS = 2_000_000;
/** Values of all steps of all series that one part of a query may have; 9 bytes each. */
const STEP_VALUES_MAX = 10_000_000;
/** The same, of all parts that are kept while others are evaluated. */
const HELD_VALUES_MAX = 20_000_000;

/** What one query may use of time and memory; lets other work of the process run in between. */
export class Budget {
  readonly #deadlineMs: number;
  readonly #now: () => number;
  readonly #signal: AbortSignal | undefined;
  #sinceBreath = 0;
  #held = 0;

  constructor(options: {
    deadlineMs: number;
    now: () => number;
    signal?: AbortSignal | undefined;
  }) {
    this.#deadlineMs = options.deadlineMs;
    this.#now = options.now;
    this.#signal = options.signal;
  }

  /** Counts samples looked at. The promise is undefined while there is no need to wait. */
  spend(samples: number): Promise<void> | undefined {
    this.#sinceBreath += samples;
    return this.#sinceBreath < SAMPLES_BETWEEN_BREATHS ? undefined : this.#breathe();
  }

  /** Refuses what would not fit the memory. */
  requireRoom(series: number, steps: number): void {
    const values = series * steps;
    if (values <= STEP_VALUES_MAX && this.#held + values <= HELD_VALUES_MAX) return;
    const beside = this.#held === 0 ? '' : `, beside ${this.#held} that are held`;
    throw queryFailed(
      `query processing would load too many samples into memory in query execution: ${series} series at ${steps} steps${beside}; narrow the selector, or ask with a larger step`,
    );
  }

  /** What is held now; to be given to `hold` again when a part of the query is done. */
  get held(): number {
    return this.#held;
  }

  /** What was evaluated since `before` is let go of, but for its answer of so many values. */
  hold(before: number, series: number, steps: number): void {
    this.#held = before;
    this.requireRoom(series, steps);
    this.#held = before + series * steps;
  }

  async #breathe(): Promise<void> {
    this.#sinceBreath = 0;
    await breathe();
    if (this.#signal?.aborted === true)
      throw new AppError('QUERY_FAILED', 'query was canceled in expression evaluation');
    if (this.#now() > this.#deadlineMs) {
      throw new AppError('QUERY_TIMEOUT', 'query timed out in expression evaluation');
    }
  }
}

export const timeOfStep = (frame: Frame, step: number): number =>
  frame.startMs + step * frame.stepMs;
