import { groupBy } from '../../base/group-by.ts';
import { CONTENT_ATTRIBUTES } from '../../semconv/content-keys.ts';
import type { RunSpan, RunStore, StartWindow } from '../../storage/run-store.ts';
import { SKEW_MS, startsWithin, windowsAround } from './start-windows.ts';

/** A trace to analyse, and where its spans are. */
export interface TraceTask {
  readonly traceId: string;
  /** Starts of the spans that are known of. */
  readonly starts: StartWindow;
  /** Nothing of the trace can be stored that started elsewhere. */
  readonly isWhole: boolean;
  /** Nothing of the trace was analysed before. */
  readonly isNew: boolean;
  /** Spans that it is thought to have. */
  readonly spans: number;
  /** The segments that all of its spans came with; undefined when that is not known. */
  readonly segments?: readonly string[] | undefined;
}

export interface ReadTrace {
  readonly spans: readonly RunSpan[];
  /** It has more than the bound. */
  readonly truncated: boolean;
}

/** The spans of a trace where they are in memory, all of them; undefined where they are not. */
export type SpansInMemory = (project: string, task: TraceTask) => readonly RunSpan[] | undefined;

/** Spans read at once: a few ten milliseconds of this thread. */
export const SPANS_AT_ONCE = 4_000;
const TRACES_AT_ONCE = 500;
/** Stretches of time that one question names: each costs it a little, a question of its own costs more. */
const WINDOWS_AT_ONCE = 50;
const NONE: ReadTrace = { spans: [], truncated: false };

/** The tasks in parts that can be read at once. */
export function inParts(tasks: readonly TraceTask[]): TraceTask[][] {
  const parts: TraceTask[][] = [];
  let spans = 0;
  let windows = 0;
  for (const task of tasks.toSorted((one, other) => one.starts.fromMs - other.starts.fromMs)) {
    const part = parts.at(-1);
    const last = part?.at(-1);
    const isApart = last !== undefined && task.starts.fromMs - last.starts.toMs > 2 * SKEW_MS;
    const fits =
      part !== undefined &&
      part.length < TRACES_AT_ONCE &&
      spans + task.spans <= SPANS_AT_ONCE &&
      windows + (isApart ? 1 : 0) <= WINDOWS_AT_ONCE;
    if (fits) part.push(task);
    else parts.push([task]);
    spans = (fits ? spans : 0) + task.spans;
    windows = fits ? windows + (isApart ? 1 : 0) : 1;
  }
  return parts;
}

export interface ReadTracesOptions {
  readonly store: RunStore;
  readonly traceSpansMax: number;
  readonly inMemory?: SpansInMemory | undefined;
}

/** The spans of every task's trace: from memory, else from the store. */
export async function readTraces(
  project: string,
  tasks: readonly TraceTask[],
  options: ReadTracesOptions,
): Promise<ReadonlyMap<string, ReadTrace>> {
  const found = new Map<string, ReadTrace>();
  const rest: TraceTask[] = [];
  for (const task of tasks) {
    const spans = options.inMemory?.(project, task);
    const isAll =
      spans !== undefined &&
      spans.length <= options.traceSpansMax &&
      (task.isWhole || !lacksParent(spans));
    if (isAll) found.set(task.traceId, { spans, truncated: false });
    else rest.push(task);
  }
  if (rest.length === 0) return found;
  const stored = await readStored(options.store, project, rest, options.traceSpansMax);
  return found.size === 0 ? stored : new Map([...found, ...stored]);
}

/** A trace of which something seems to be elsewhere is looked for everywhere. */
async function readStored(
  store: RunStore,
  project: string,
  tasks: readonly TraceTask[],
  traceSpansMax: number,
): Promise<ReadonlyMap<string, ReadTrace>> {
  const windows = windowsAround(tasks.map(({ starts }) => starts));
  const ids = tasks.map(({ traceId }) => traceId);
  const together = await read(store, project, ids, windows, traceSpansMax);
  const found = windows.length === 1 ? together : inOwnWindows(together, tasks);
  const scattered = tasks
    .filter((task) => !task.isWhole && seemsScattered(found.get(task.traceId) ?? NONE, task.starts))
    .map(({ traceId }) => traceId);
  if (scattered.length === 0) return found;
  const everywhere = await read(store, project, scattered, undefined, traceSpansMax);
  return new Map([...found, ...everywhere]);
}

/** Without what others' windows hold of a trace: between those and its own there may be more of it. */
function inOwnWindows(
  reads: ReadonlyMap<string, ReadTrace>,
  tasks: readonly TraceTask[],
): Map<string, ReadTrace> {
  const own = new Map<string, ReadTrace>();
  for (const { traceId, starts } of tasks) {
    const { spans = [], truncated = false } = reads.get(traceId) ?? {};
    const [window] = windowsAround([starts]);
    const kept = spans.filter(({ startNs }) => startsWithin(window!, startNs));
    if (kept.length > 0) own.set(traceId, { spans: kept, truncated });
  }
  return own;
}

/** A parent is missing, or something ended after the window that was read. */
function seemsScattered({ spans }: ReadTrace, { toMs }: StartWindow): boolean {
  const toNs = BigInt(Math.floor(toMs + SKEW_MS)) * 1_000_000n;
  return lacksParent(spans) || spans.some(({ startNs, durationNs }) => startNs + durationNs > toNs);
}

function lacksParent(spans: readonly RunSpan[]): boolean {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.some(({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId));
}

async function read(
  store: RunStore,
  project: string,
  ids: readonly string[],
  windows: readonly StartWindow[] | undefined,
  traceSpansMax: number,
): Promise<Map<string, ReadTrace>> {
  const query = { windows, keys: CONTENT_ATTRIBUTES, after: undefined };
  if (ids.length === 1) return await readOne(store, project, ids[0]!, windows, traceSpansMax);
  const limit = SPANS_AT_ONCE * 4;
  const spans = await store.readSpans(project, ids, { ...query, limit });
  if (spans.length >= limit) {
    const half = Math.ceil(ids.length / 2);
    const first = await read(store, project, ids.slice(0, half), windows, traceSpansMax);
    const rest = await read(store, project, ids.slice(half), windows, traceSpansMax);
    return new Map([...first, ...rest]);
  }
  const byTrace = groupBy(spans, ({ traceId }) => traceId);
  return new Map([...byTrace].map(([id, own]) => [id, { spans: own, truncated: false }]));
}

/** A trace by itself, in pages: it may be larger than what is read at once. */
async function readOne(
  store: RunStore,
  project: string,
  traceId: string,
  windows: readonly StartWindow[] | undefined,
  traceSpansMax: number,
): Promise<Map<string, ReadTrace>> {
  const spans: RunSpan[] = [];
  let truncated = false;
  for (;;) {
    const last = spans.at(-1);
    const page = await store.readSpans(project, [traceId], {
      windows,
      keys: CONTENT_ATTRIBUTES,
      after: last && { startNs: last.startNs, spanId: last.spanId },
      limit: SPANS_AT_ONCE,
    });
    spans.push(...page);
    truncated = spans.length > traceSpansMax;
    if (page.length < SPANS_AT_ONCE || truncated) break;
  }
  if (spans.length === 0) return new Map();
  return new Map([[traceId, { spans: spans.slice(0, traceSpansMax), truncated }]]);
}
