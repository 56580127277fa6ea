import type { Clock } from '../../base/clock.ts';
import { groupBy } from '../../base/group-by.ts';
import { messageOf } from '../../errors.ts';
import type { ModelCall, Run, RunDetail } from '../../model/run.ts';
import type { TouchedTraces } from '../../model/touched-traces.ts';
import { touchesGenAi, unpackTouched } from '../../model/touched-traces.ts';
import { CONTENT_ATTRIBUTES } from '../../semconv/content-keys.ts';
import type { RunStore, StartWindow } from '../../storage/run-store.ts';
import type { AnalysisConfig } from '../config.ts';
import type { Analyzed, AnalyzedTrace, AnalyzeOptions } from './analyze-traces.ts';
import { quietAfterMs, TraceAnalysis } from './analyze-traces.ts';
import type { PriceCall } from './describe-run.ts';
import { HeldSegments } from './held-segments.ts';
import type { PendingTrace } from './pending-traces.ts';
import { PendingTraces } from './pending-traces.ts';
import type { TraceTask } from './read-traces.ts';
import { RunJournal } from './run-journal.ts';

export interface RunAnalyzerOptions {
  readonly store: RunStore;
  readonly price: PriceCall;
  readonly clock: Clock;
  readonly config: AnalysisConfig;
  /** Where the journal is. */
  readonly directory: string;
  readonly onProblem: (message: string) => void;
}

/**
 * Finds runs in what is stored, and tells who listens. A run is told of at least once, and more often when it
 * changes or the process ends meanwhile.
 */
export interface RunAnalyzer {
  /**
   * Takes note of a stored segment's traces; resolves when that is durable. They are analysed soon after, by a
   * later run of the process if need be. What is in `spansFile`, which must be all of the segment's spans, need not be
   * read from the store.
   */
  touch(segmentId: string, touched: readonly TouchedTraces[], spansFile?: string): Promise<void>;

  /**
   * Analyses the traces at once, whatever is stored of them. Rejects with what the store throws.
   */
  analyze(
    project: string,
    tasks: readonly TraceTask[],
    options?: AnalyzeOptions,
  ): Promise<readonly AnalyzedTrace[]>;

  /** What checks look at of a stored run, from the spans as they are now; undefined when they show no such run. */
  detail(run: Run, calls: readonly ModelCall[]): Promise<RunDetail | undefined>;

  /**
   * Listens for runs that are over (ok, error or abandoned) and changed, with all that checks look at. Traces count as
   * analysed when the listener has resolved; after a few rejections they do anyway.
   */
  onAnalyzed(listener: (details: readonly RunDetail[]) => Promise<void>): void;

  /** Listens for every change, as views do that show what is going on. */
  onChanged(listener: (traces: readonly AnalyzedTrace[]) => void): void;

  /** What is stored and not analysed yet. */
  backlog(): RunBacklog;

  /** Resolves when nothing waits. */
  idle(): Promise<void>;

  /** Finishes what is under way. Safe to call twice. */
  shutdown(): Promise<void>;
}

/** How far the analysis is behind what is stored. */
export interface RunBacklog {
  /** Traces that are due, of all projects; of those that wait on disk it is not known how many. */
  readonly traces: number;
  /** For how long the first of them has been due. */
  readonly lateMs: number;
  /** More wait on disk: of a former run of the process, or because too many wait. */
  readonly more: boolean;
}

/** Spans of one step; its changes are written together. */
const STEP_SPANS_MAX = 20_000;
const RETRY_MS = 1_000;
const LISTEN_ATTEMPTS = 5;
/** How often runs are looked for that became abandoned; four times within the bound when that is short. */
const ABANDON_EVERY_MS = 30_000;
const ABANDON_AT_ONCE = 500;
/** Runs told of by log records that are looked at once they are quiet; of more, when others are abandoned. */
const SETTLING_MAX = 10_000;

/** Goes on with what a former run left, and begins to take traces. */
export function startRunAnalyzer(options: RunAnalyzerOptions): RunAnalyzer {
  const analyzer = new QueuedRunAnalyzer(options);
  analyzer.start();
  return analyzer;
}

class QueuedRunAnalyzer implements RunAnalyzer {
  readonly #options: RunAnalyzerOptions;
  readonly #analysis: TraceAnalysis;
  readonly #journal: RunJournal;
  readonly #pending: PendingTraces;
  readonly #held = new HeldSegments();
  /** Segments whose traces wait in memory, with how many of them. */
  readonly #open = new Map<string, number>();
  /** Segments whose traces wait on disk alone, and whether a former run left them. */
  readonly #onDisk = new Map<string, boolean>();
  readonly #analyzed: ((details: readonly RunDetail[]) => Promise<void>)[] = [];
  readonly #changed: ((traces: readonly AnalyzedTrace[]) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #step: Promise<void> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();
  #stepping = false;
  #stopped = false;
  /** Runs that log records alone tell of and that go on, by project and trace, and when they will be over. */
  readonly #settling = new Map<string, { readonly run: Run; readonly dueAtMs: number }>();
  #abandonedAtMs = 0;
  #idlers: (() => void)[] = [];

  constructor(options: RunAnalyzerOptions) {
    const { store, price, clock, config, directory } = options;
    this.#options = options;
    this.#journal = new RunJournal(directory);
    this.#pending = new PendingTraces(clock.now());
    this.#analysis = new TraceAnalysis({
      store,
      price,
      clock,
      abandonAfterMs: config.abandonAfterMs,
      traceSpansMax: config.traceSpansMax,
      wantsDetails: () => this.#analyzed.length > 0,
      sinceMs: clock.now(),
      inMemory: (project, { traceId, segments }) =>
        segments && this.#held.spansOf(project, traceId, segments),
    });
  }

  start(): void {
    for (const segmentId of this.#journal.list()) this.#onDisk.set(segmentId, true);
    this.#schedule(0);
  }

  async touch(
    segmentId: string,
    touched: readonly TouchedTraces[],
    spansFile?: string,
  ): Promise<void> {
    if (touched.length === 0 || this.#open.has(segmentId)) return;
    await this.#journal.add(segmentId, touched);
    if (spansFile !== undefined && touchesGenAi(touched)) await this.#hold(segmentId, spansFile);
    if (this.#pending.size < this.#options.config.pendingTracesMax) {
      this.#onDisk.delete(segmentId);
      this.#enqueue(segmentId, touched, false);
    } else if (!this.#onDisk.has(segmentId)) this.#onDisk.set(segmentId, false);
    this.#schedule();
  }

  async analyze(
    project: string,
    tasks: readonly TraceTask[],
    options: AnalyzeOptions = {},
  ): Promise<readonly AnalyzedTrace[]> {
    const { traces, details } = await this.#exclusively(() =>
      this.#analysis.analyze(project, tasks, options),
    );
    this.#tellChanged(traces);
    await this.#tellAnalyzed(details);
    return traces;
  }

  detail(run: Run, calls: readonly ModelCall[]): Promise<RunDetail | undefined> {
    return this.#analysis.detail(run, calls);
  }

  onAnalyzed(listener: (details: readonly RunDetail[]) => Promise<void>): void {
    this.#analyzed.push(listener);
  }

  onChanged(listener: (traces: readonly AnalyzedTrace[]) => void): void {
    this.#changed.push(listener);
  }

  async idle(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => {
      this.#idlers.push(resolve);
    });
  }

  async shutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    await this.#step;
  }

  /** What cannot be held is read from the store. */
  async #hold(segmentId: string, spansFile: string): Promise<void> {
    try {
      const spans = await this.#options.store.holdSpans(spansFile, CONTENT_ATTRIBUTES);
      this.#held.add(segmentId, spans, this.#options.clock.now());
    } catch (error) {
      this.#options.onProblem(
        `the spans of segment ${segmentId} are not held: ${messageOf(error)}`,
      );
    }
  }

  /** One after the other: two that write the same trace would each miss what the other wrote. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#step.then(work);
    this.#step = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  get #abandonEveryMs(): number {
    return Math.min(ABANDON_EVERY_MS, this.#options.config.abandonAfterMs / 4);
  }

  backlog(): RunBacklog {
    const due = this.#pending.backlog(this.#options.clock.now());
    return { ...due, more: this.#onDisk.size > 0 };
  }

  #isIdle(): boolean {
    return !this.#stepping && this.#pending.size === 0 && this.#onDisk.size === 0;
  }

  #schedule(delayMs?: number): void {
    if (this.#stopped || this.#stepping) return;
    clearTimeout(this.#timer);
    const nowMs = this.#options.clock.now();
    const dueAtMs = Math.min(
      this.#pending.nextDueAtMs() ?? Infinity,
      this.#abandonedAtMs + this.#abandonEveryMs,
    );
    this.#timer = setTimeout(
      () => {
        this.#running = this.#run();
      },
      delayMs ?? Math.max(0, dueAtMs - nowMs),
    );
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    this.#stepping = true;
    let retryMs: number | undefined;
    try {
      this.#held.expire(this.#options.clock.now());
      await this.#load();
      await this.#findAbandoned();
      while (!this.#stopped && (await this.#takeStep())) await this.#load();
    } catch (error) {
      // What is not done at a shutdown is in the journal.
      if (!this.#stopped) {
        this.#options.onProblem(`runs cannot be analysed yet: ${messageOf(error)}`);
      }
      retryMs = RETRY_MS;
    } finally {
      this.#stepping = false;
      this.#schedule(retryMs);
      if (this.#isIdle()) for (const resolve of this.#idlers.splice(0)) resolve();
    }
  }

  /** Analyses some of the traces that are due; false when there are none. */
  async #takeStep(): Promise<boolean> {
    const nowMs = this.#options.clock.now();
    const taken = this.#pending.take(nowMs, STEP_SPANS_MAX);
    if (taken.length === 0) return false;
    const { project } = taken[0]!;
    let analyzed: Analyzed;
    try {
      const relevant = await this.#relevant(project, taken);
      if (this.#stopped) return false;
      for (const trace of taken) this.#pending.begin(trace, nowMs);
      analyzed = await this.#exclusively(() => this.#analyzeMost(project, relevant));
    } catch (error) {
      this.#pending.putBack(taken, nowMs + RETRY_MS);
      throw error;
    }
    for (const { traceId, starts, spans } of analyzed.traces) {
      if (starts !== undefined) this.#pending.finish(project, traceId, { starts, spans });
    }
    this.#settleLater(analyzed.traces);
    this.#tellChanged(analyzed.traces);
    await this.#tellAnalyzed(analyzed.details);
    await this.#done(taken);
    return true;
  }

  /** All of them but one that a fault of our own meets: it is left out, with the reason, and holds no other. */
  async #analyzeMost(project: string, traces: readonly PendingTrace[]): Promise<Analyzed> {
    try {
      return await this.#analyzeAll(project, traces);
    } catch (error) {
      if (!isFault(error)) throw error;
      if (traces.length === 1) {
        this.#options.onProblem(
          `the runs of trace ${traces[0]!.task.traceId} cannot be found, it is left out until more of it comes: ${messageOf(error)}`,
        );
        return { traces: [], details: [] };
      }
      // Details of all: those of runs that were written before the fault would not be given again.
      const again = traces.map((trace) => ({ ...trace, replayed: true }));
      const half = Math.ceil(again.length / 2);
      const first = await this.#analyzeMost(project, again.slice(0, half));
      const rest = await this.#analyzeMost(project, again.slice(half));
      return {
        traces: [...first.traces, ...rest.traces],
        details: [...first.details, ...rest.details],
      };
    }
  }

  async #analyzeAll(project: string, traces: readonly PendingTrace[]): Promise<Analyzed> {
    const all = { traces: [] as AnalyzedTrace[], details: [] as RunDetail[] };
    for (const [detailAll, part] of groupBy(traces, ({ replayed }) => replayed)) {
      const tasks = part.map(({ task }) => task);
      const { traces: done, details } = await this.#analysis.analyze(project, tasks, { detailAll });
      all.traces.push(...done);
      all.details.push(...details);
    }
    return all;
  }

  /** Without those that have no span of an agent, a model or a tool, here or elsewhere. */
  async #relevant(project: string, taken: readonly PendingTrace[]): Promise<PendingTrace[]> {
    const unsure = taken.filter(({ hasGenAi, task }) => !hasGenAi && !task.isNew);
    if (unsure.length === 0) return taken.filter(({ hasGenAi }) => hasGenAi);
    const ids = unsure.map(({ task }) => task.traceId);
    const everywhere = unsure.some(({ task }) => !task.isWhole);
    const window = everywhere ? undefined : around(unsure.map(({ task }) => task.starts));
    const found = await this.#options.store.findGenAiTraces(project, ids, window);
    return taken.filter(({ hasGenAi, task }) => hasGenAi || found.has(task.traceId));
  }

  #enqueue(segmentId: string, touched: readonly TouchedTraces[], replayed: boolean): void {
    const nowMs = this.#options.clock.now();
    let count = 0;
    for (const { project, packed } of touched) {
      for (const trace of unpackTouched(packed)) {
        this.#pending.add(project, trace, { nowMs, segmentId, replayed });
        count++;
      }
    }
    this.#open.set(segmentId, count);
  }

  /** Takes into memory what waits on disk, as far as there is room. */
  async #load(): Promise<void> {
    for (const [segmentId, replayed] of this.#onDisk) {
      if (this.#stopped || this.#pending.size >= this.#options.config.pendingTracesMax / 2) return;
      this.#onDisk.delete(segmentId);
      let touched: TouchedTraces[];
      try {
        touched = await this.#journal.read(segmentId);
      } catch (error) {
        this.#options.onProblem(
          `the journal of segment ${segmentId} cannot be read, its runs are not analysed: ${messageOf(error)}`,
        );
        continue;
      }
      this.#enqueue(segmentId, touched, replayed);
      if (this.#open.get(segmentId) === 0) await this.#close(segmentId);
    }
  }

  /** Counts down the segments that the traces came with; a segment with none left is done. */
  async #done(traces: readonly PendingTrace[]): Promise<void> {
    for (const { segments } of traces) {
      for (const segmentId of segments) {
        const left = (this.#open.get(segmentId) ?? 0) - 1;
        if (left > 0) this.#open.set(segmentId, left);
        else await this.#close(segmentId);
      }
    }
  }

  async #close(segmentId: string): Promise<void> {
    this.#open.delete(segmentId);
    await this.#journal.remove(segmentId);
  }

  /** Looks at running runs of which nothing was heard for long: with time alone they become abandoned. */
  async #findAbandoned(): Promise<void> {
    const { clock, config, store } = this.#options;
    const nowMs = clock.now();
    if (nowMs - this.#abandonedAtMs < this.#abandonEveryMs) return;
    this.#abandonedAtMs = nowMs;
    const found = await store.findRunning(nowMs - config.abandonAfterMs, ABANDON_AT_ONCE);
    const quiet = [...this.#settling].filter(([, { dueAtMs }]) => dueAtMs <= nowMs);
    for (const [key] of quiet) this.#settling.delete(key);
    for (const { project, traceId, startNs } of [...found, ...quiet.map(([, { run }]) => run)]) {
      const startMs = Number(startNs / 1_000_000n);
      const touched = { traceId, startMinMs: startMs, endMaxMs: startMs, spans: 1, hasGenAi: true };
      this.#pending.add(project, touched, { nowMs, segmentId: undefined, replayed: true });
    }
  }

  #settleLater(traces: readonly AnalyzedTrace[]): void {
    const { clock, config } = this.#options;
    const dueAtMs = clock.now() + quietAfterMs(config.abandonAfterMs);
    for (const { project, traceId, toldRunning } of traces) {
      const key = `${traceId}${project}`;
      this.#settling.delete(key);
      if (toldRunning !== undefined && this.#settling.size < SETTLING_MAX)
        this.#settling.set(key, { run: toldRunning, dueAtMs });
    }
  }

  #tellChanged(traces: readonly AnalyzedTrace[]): void {
    const changed = traces.filter(
      ({ changedRuns, goneRuns }) => changedRuns.length > 0 || goneRuns.length > 0,
    );
    if (changed.length === 0) return;
    for (const listener of this.#changed) listener(changed);
  }

  async #tellAnalyzed(details: readonly RunDetail[]): Promise<void> {
    if (details.length === 0) return;
    for (const listener of this.#analyzed) {
      for (let attempt = 1; ; attempt++) {
        try {
          await listener(details);
          break;
        } catch (error) {
          const problem = `runs that were analysed are not taken on: ${messageOf(error)}`;
          this.#options.onProblem(problem);
          if (attempt === LISTEN_ATTEMPTS || this.#stopped) break;
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS / LISTEN_ATTEMPTS));
        }
      }
    }
  }
}

/** A fault in this program rather than a store that does not answer, which is tried again. */
function isFault(error: unknown): boolean {
  return (
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  );
}

function around(windows: readonly StartWindow[]): StartWindow {
  return {
    fromMs: Math.min(...windows.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...windows.map(({ toMs }) => toMs)),
  };
}
