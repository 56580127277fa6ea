/** Why a span was closed by the SDK and not by its work. */
export type ForcedEnd = 'timeout' | 'shutdown' | 'overflow';

interface OpenSpan {
  readonly end: (reason: ForcedEnd) => void;
  /** Milliseconds of the monotonic clock; Infinity when the span may stay open. */
  readonly deadline: number;
}

const OPEN_MAX = 10_000;
const SWEEP_MS_MAX = 5_000;
const SWEEP_MS_MIN = 10;

/**
 * The spans that this package opened and has not closed. A model that never answers, a stream that nobody reads
 * to its end and a process that is told to stop all leave one behind; it is closed here, with the reason.
 */
export class OpenSpans {
  readonly #open = new Map<object, OpenSpan>();
  #sweeper: NodeJS.Timeout | undefined;
  #everyMs = Infinity;

  get size(): number {
    return this.#open.size;
  }

  /** `end` closes the span; it is called at most once. */
  add(span: object, end: (reason: ForcedEnd) => void, msMax = Infinity): void {
    if (this.#open.size >= OPEN_MAX) this.#endOldest();
    this.#open.set(span, { end, deadline: msMax === Infinity ? msMax : performance.now() + msMax });
    if (msMax !== Infinity) this.#watch(msMax);
  }

  delete(span: object): void {
    this.#open.delete(span);
    if (this.#open.size === 0) this.#stop();
  }

  endAll(reason: ForcedEnd): void {
    const open = [...this.#open.values()];
    this.#open.clear();
    this.#stop();
    for (const { end } of open) end(reason);
  }

  #endOldest(): void {
    for (const [span, { end }] of this.#open) {
      this.#open.delete(span);
      end('overflow');
      return;
    }
  }

  #watch(msMax: number): void {
    const every = Math.min(SWEEP_MS_MAX, Math.max(SWEEP_MS_MIN, msMax / 10));
    // What may be open for a day must not keep what may be for a second waiting.
    if (every >= this.#everyMs) return;
    this.#stop();
    this.#everyMs = every;
    this.#sweeper = setInterval(() => this.#sweep(), every);
    this.#sweeper.unref();
  }

  #sweep(): void {
    const now = performance.now();
    for (const [span, { end, deadline }] of this.#open) {
      if (deadline > now) continue;
      this.#open.delete(span);
      end('timeout');
    }
    if (this.#open.size === 0) this.#stop();
  }

  #stop(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    this.#everyMs = Infinity;
  }
}
