import { BoundedMap } from '../../base/bounded-map.ts';
import { SeenIds } from '../../base/seen-ids.ts';
import type { TouchedTrace } from '../../model/touched-traces.ts';
import type { StartWindow } from '../../storage/run-store.ts';
import type { TraceTask } from './read-traces.ts';

/** A trace that waits, and the segments that are not done before it is. */
export interface PendingTrace {
  readonly project: string;
  readonly task: TraceTask;
  readonly hasGenAi: boolean;
  readonly segments: ReadonlySet<string>;
  /** It was left by a former run: who was told of it then is not known. */
  readonly replayed: boolean;
}

interface Entry extends Omit<PendingTrace, 'segments'> {
  readonly segments: Set<string>;
  dueAtMs: number;
}

/** What is remembered of a trace after it was analysed. */
interface Known {
  readonly starts: StartWindow;
  readonly spans: number;
  readonly hasGenAi: boolean;
  readonly analyzedAtMs: number;
  readonly segments: readonly string[] | undefined;
}

const KNOWN_MAX = 50_000;
/** For so long after its start a former run of the process may have had the beginning of a trace that seems new. */
const FORMER_RUN_MS = 3_600_000;
/** A trace that came with more segments is read from the store. */
const SEGMENTS_MAX = 16;
/** Traces of which at least it is known that they were seen. */
const SEEN_MAX = 1_000_000;
/** How long the first spans of a trace wait for those that follow. */
const SETTLE_MS = 300;
/** A trace that grows is analysed again at most so often, and the more rarely the larger it is. */
const AGAIN_MS = 1_000;
const AGAIN_PER_SPAN_MS = 1;
const AGAIN_MAX_MS = 60_000;
/** How far from the first a search for more of a batch goes. */
const LOOK_AT_MAX = 4_000;

/**
 * Traces that got spans and wait to be analysed, each once. Remembers of the traces seen last where their spans
 * are, so that a trace which goes on is read where it is and nowhere else.
 */
export class PendingTraces {
  readonly #known = new BoundedMap<string, Known>(KNOWN_MAX);
  readonly #ready = new Map<string, Entry>();
  readonly #resting = new Map<string, Entry>();
  readonly #seen = new SeenIds(SEEN_MAX);
  /** Traces that began before may have been touched by a former run. */
  readonly #sinceMs: number;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  get size(): number {
    return this.#ready.size + this.#resting.size;
  }

  add(
    project: string,
    touched: TouchedTrace,
    {
      nowMs,
      segmentId,
      replayed,
    }: { nowMs: number; segmentId: string | undefined; replayed: boolean },
  ): void {
    const key = keyOf(project, touched.traceId);
    const waiting = this.#ready.get(key) ?? this.#resting.get(key);
    const known = this.#known.get(key);
    const before = waiting?.task ?? known;
    const starts = {
      fromMs: Math.min(touched.startMinMs, before?.starts.fromMs ?? Infinity),
      toMs: Math.max(touched.endMaxMs, before?.starts.toMs ?? 0),
    };
    const isNew =
      known === undefined &&
      !replayed &&
      starts.fromMs >= this.#sinceMs &&
      !this.#seen.has(touched.traceId);
    const isWhole = known !== undefined || (isNew && nowMs - this.#sinceMs >= FORMER_RUN_MS);
    const entry: Entry = {
      project,
      task: {
        traceId: touched.traceId,
        starts,
        isNew: isNew && waiting?.task.isNew !== false,
        isWhole: isWhole && waiting?.task.isWhole !== false,
        spans: touched.spans + (before?.spans ?? 0),
        segments: alsoIn(
          before === undefined ? (isNew ? [] : undefined) : before.segments,
          segmentId,
        ),
      },
      hasGenAi: touched.hasGenAi || waiting?.hasGenAi === true || known?.hasGenAi === true,
      segments: waiting?.segments ?? new Set(),
      replayed: replayed || waiting?.replayed === true,
      dueAtMs: waiting?.dueAtMs ?? this.#dueAt(nowMs, known),
    };
    if (segmentId !== undefined) entry.segments.add(segmentId);
    if (entry.dueAtMs <= nowMs || this.#ready.has(key)) this.#ready.set(key, entry);
    else this.#resting.set(key, entry);
  }

  /** Takes traces of one project that are due and lie near each other in time, some thousands of spans of them. */
  take(nowMs: number, spansMax: number): PendingTrace[] {
    this.#wake(nowMs);
    const taken: Entry[] = [];
    let spans = 0;
    let looked = 0;
    for (const [key, entry] of this.#ready) {
      if (looked++ >= LOOK_AT_MAX) break;
      const [first] = taken;
      if (first !== undefined && first.project !== entry.project) continue;
      if (first !== undefined && spans + entry.task.spans > spansMax) break;
      taken.push(entry);
      spans += entry.task.spans;
      this.#ready.delete(key);
    }
    return taken;
  }

  /** When the next trace is due; undefined when none waits. */
  nextDueAtMs(): number | undefined {
    if (this.#ready.size > 0) return 0;
    let next: number | undefined;
    for (const { dueAtMs } of this.#resting.values()) next = Math.min(next ?? dueAtMs, dueAtMs);
    return next;
  }

  /** The traces that are due, and for how long the first of them has been. */
  backlog(nowMs: number): { readonly traces: number; readonly lateMs: number } {
    let traces = 0;
    let dueAtMs = nowMs;
    for (const entries of [this.#ready, this.#resting]) {
      for (const entry of entries.values()) {
        if (entry.dueAtMs > nowMs) continue;
        traces++;
        dueAtMs = Math.min(dueAtMs, entry.dueAtMs);
      }
    }
    return { traces, lateMs: nowMs - dueAtMs };
  }

  /** Notes that the analysis of the trace begins: from now on something of it may be stored. */
  begin({ project, task, hasGenAi }: PendingTrace, nowMs: number): void {
    const { starts, spans, segments } = task;
    const known = { starts, spans, segments, hasGenAi, analyzedAtMs: nowMs };
    this.#known.set(keyOf(project, task.traceId), known);
    this.#seen.add(task.traceId);
  }

  /** Notes where the trace's spans turned out to be. */
  finish(project: string, traceId: string, found: { starts: StartWindow; spans: number }): void {
    const key = keyOf(project, traceId);
    const known = this.#known.get(key);
    if (known === undefined) return;
    // More than came with its segments is elsewhere.
    const segments = found.spans === known.spans ? known.segments : undefined;
    this.#known.set(key, { ...known, ...found, segments });
  }

  /** Puts back what could not be analysed. */
  putBack(traces: readonly PendingTrace[], dueAtMs: number): void {
    for (const trace of traces) {
      const key = keyOf(trace.project, trace.task.traceId);
      const waiting = this.#ready.get(key) ?? this.#resting.get(key);
      this.#ready.delete(key);
      this.#resting.set(key, {
        ...trace,
        task: { ...(waiting?.task ?? trace.task), isNew: false },
        segments: new Set([...trace.segments, ...(waiting?.segments ?? [])]),
        replayed: true,
        dueAtMs,
      });
    }
  }

  #wake(nowMs: number): void {
    for (const [key, entry] of this.#resting) {
      if (entry.dueAtMs > nowMs) continue;
      this.#resting.delete(key);
      this.#ready.set(key, entry);
    }
  }

  #dueAt(nowMs: number, known: Known | undefined): number {
    if (known === undefined) return nowMs + SETTLE_MS;
    const restMs = Math.min(AGAIN_MAX_MS, AGAIN_MS + known.spans * AGAIN_PER_SPAN_MS);
    return Math.max(nowMs + SETTLE_MS, known.analyzedAtMs + restMs);
  }
}

function keyOf(project: string, traceId: string): string {
  return `${traceId}${project}`;
}

/** Undefined once there are too many. */
function alsoIn(
  segments: readonly string[] | undefined,
  segmentId: string | undefined,
): readonly string[] | undefined {
  if (segments === undefined || segmentId === undefined || segments.includes(segmentId))
    return segments;
  return segments.length < SEGMENTS_MAX ? [...segments, segmentId] : undefined;
}
