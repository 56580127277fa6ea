import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import { groupBy } from '../../base/group-by.ts';
import type { Turns } from '../../base/turns.ts';
import { inTurns, mapInTurns } from '../../base/turns.ts';
import type { CallCost, ModelCall, Run, RunDetail } from '../../model/run.ts';
import type { RunSpan, RunStore, StartWindow, Versioned } from '../../storage/run-store.ts';
import type { DescribeContext, PriceCall } from './describe-run.ts';
import { describeCall, describeRun, hasFailed, usageOf } from './describe-run.ts';
import type { FoundRun } from './find-runs.ts';
import { findRunsIn, findRunsInTurns } from './find-runs.ts';
import type { ReadTrace, SpansInMemory, TraceTask } from './read-traces.ts';
import { inParts, readTraces } from './read-traces.ts';
import type { Changes } from './row-changes.ts';
import { addChanges } from './row-changes.ts';
import { SPANS_IN_A_TURN } from './span-tree.ts';
import { startsWithin, windowsAround } from './start-windows.ts';
import { mayBeToldToo, withoutToldElsewhere } from './told-elsewhere.ts';
import type { AgentConfiguration, PayloadTexts } from './run-content.ts';
import {
  agentVersionOf,
  configurationOf,
  CONTENT_CHARACTERS_MAX,
  hashesIn,
  resolveContent,
  resolveTools,
  textsOf,
} from './run-content.ts';

export interface AnalyzeOptions {
  /** Asks for the price of every call again; else calls keep what they were priced with. */
  readonly reprice?: boolean;
  /** Gives details of all runs that are over, not only of those that changed. */
  readonly detailAll?: boolean;
}

/** What came of one trace. */
export interface AnalyzedTrace {
  readonly project: string;
  readonly traceId: string;
  /** Starts of its spans; undefined when none was found. */
  readonly starts: StartWindow | undefined;
  readonly spans: number;
  readonly changedRuns: readonly Run[];
  /** Runs that were stored and are none any more, as when a span came that is above their root. */
  readonly goneRuns: readonly Run[];
  /** One of the runs that log records alone tell of and that go on: with time alone they will be over. */
  readonly toldRunning: Run | undefined;
}

export interface Analyzed {
  readonly traces: readonly AnalyzedTrace[];
  /** Of runs that are over and changed. */
  readonly details: readonly RunDetail[];
}

export interface TraceAnalysisOptions {
  readonly store: RunStore;
  readonly price: PriceCall;
  readonly clock: Clock;
  /** How long after the last span nothing more is awaited. */
  readonly abandonAfterMs: number;
  /** Spans of one trace that are looked at. */
  readonly traceSpansMax: number;
  readonly wantsDetails: () => boolean;
  readonly inMemory?: SpansInMemory | undefined;
  /** A trace with spans received before may have been analysed before, whatever its task says. */
  readonly sinceMs?: number | undefined;
}

/** Log records tell of no end: what they tell of is over when nothing more came for so long. */
export function quietAfterMs(abandonAfterMs: number): number {
  return Math.min(abandonAfterMs, QUIET_MS);
}

const QUIET_MS = 300_000;
const TOLD_AROUND_MS = 3_600_000;
const PAYLOADS_KEPT = 2_000;
const KEPT_CHARACTERS_MAX = 16 * 1024;

/** Calls gone through before others may have their turn. */
const CALLS_IN_A_TURN = 200;

/** A run in the making. */
interface Draft {
  readonly found: FoundRun;
  readonly configuration: AgentConfiguration;
}

interface Described {
  readonly found: FoundRun;
  readonly run: Run;
  readonly calls: readonly ModelCall[];
}

interface Stored {
  readonly runs: ReadonlyMap<string, readonly Versioned<Run>[]>;
  readonly calls: ReadonlyMap<string, readonly Versioned<ModelCall>[]>;
}

interface Work {
  readonly project: string;
  readonly options: AnalyzeOptions;
  /** Of the rows that come: greater than any before, so that no two states of a row have the same. */
  readonly version: number;
  readonly runs: Changes<Run>;
  readonly calls: Changes<ModelCall>;
  readonly traces: AnalyzedTrace[];
  readonly detailed: Described[];
  readonly spanned: SpannedConversation[];
}

/** A conversation of which spans tell that log records may tell of too, and when. */
interface SpannedConversation {
  readonly traceId: string;
  readonly conversation: string;
  readonly starts: StartWindow;
}

/**
 * Computes the runs of traces from their spans and writes what differs from what is stored. Doing it again changes
 * nothing.
 */
export class TraceAnalysis {
  readonly #options: TraceAnalysisOptions;
  /** Short contents by project and hash: instructions come with every call. */
  readonly #payloads = new BoundedMap<string, string>(PAYLOADS_KEPT);

  #version = 0;

  constructor(options: TraceAnalysisOptions) {
    this.#options = options;
  }

  /** Throws what the store throws; what was written by then is found by the next attempt. */
  async analyze(
    project: string,
    tasks: readonly TraceTask[],
    options: AnalyzeOptions = {},
  ): Promise<Analyzed> {
    const { analyzed, spanned } = await this.#analyzeTasks(project, tasks, options);
    // Log records may have told of the calls before their spans came: from now on the spans count.
    const told = await this.#toldOf(project, spanned);
    if (told.length === 0) return analyzed;
    const again = (await this.#analyzeTasks(project, told, options)).analyzed;
    return {
      traces: [...analyzed.traces, ...again.traces],
      details: [...analyzed.details, ...again.details],
    };
  }

  /** Traces of log records about conversations of which spans came. */
  async #toldOf(project: string, spanned: readonly SpannedConversation[]): Promise<TraceTask[]> {
    if (spanned.length === 0) return [];
    const own = new Set(spanned.map(({ traceId }) => traceId));
    const conversations = [...new Set(spanned.map(({ conversation }) => conversation))];
    const traces = await this.#options.store.findToldTraces(project, conversations, {
      fromMs: Math.min(...spanned.map(({ starts }) => starts.fromMs)) - TOLD_AROUND_MS,
      toMs: Math.max(...spanned.map(({ starts }) => starts.toMs)) + TOLD_AROUND_MS,
    });
    return traces
      .filter(({ traceId }) => !own.has(traceId))
      .map(({ traceId, startMinMs, endMaxMs, spans }) => ({
        traceId,
        starts: { fromMs: startMinMs, toMs: endMaxMs },
        isWhole: false,
        isNew: false,
        spans,
      }));
  }

  async #analyzeTasks(
    project: string,
    tasks: readonly TraceTask[],
    options: AnalyzeOptions,
  ): Promise<{ readonly analyzed: Analyzed; readonly spanned: readonly SpannedConversation[] }> {
    this.#version = Math.max(this.#options.clock.now(), this.#version + 1);
    const work: Work = {
      project,
      options,
      version: this.#version,
      runs: { gone: [], come: [] },
      calls: { gone: [], come: [] },
      traces: [],
      detailed: [],
      spanned: [],
    };
    const details: RunDetail[] = [];
    for (const part of inParts(tasks)) {
      await this.#analyzePart(work, part);
      // Their texts are let go of part by part: they are most of what is read.
      details.push(...(await this.#detail(project, work.detailed.splice(0))));
    }
    await this.#options.store.writeChanges(work.runs, work.calls);
    return { analyzed: { traces: work.traces, details }, spanned: work.spanned };
  }

  /**
   * What checks look at of one run that is stored, from the spans as they are now; undefined when they show no such
   * run. Its calls are given as they are stored.
   */
  async detail(stored: Run, calls: readonly ModelCall[]): Promise<RunDetail | undefined> {
    const { project, traceId, runId, startNs } = stored;
    const startMs = Number(startNs / 1_000_000n);
    const starts = { fromMs: startMs, toMs: startMs };
    const task = { traceId, starts, isWhole: false, isNew: false, spans: stored.spanCount };
    const reads = await readTraces(project, [task], this.#options);
    const left = await withoutToldElsewhere(this.#options.store, project, reads);
    const read = left.get(traceId);
    const runs = await inTurns(findRunsInTurns(read?.spans ?? []));
    const found = runs.find((run) => run.runId === runId);
    if (found === undefined) return undefined;
    const [detail] = await this.#detail(project, [{ found, run: stored, calls }]);
    return detail;
  }

  async #analyzePart(work: Work, tasks: readonly TraceTask[]): Promise<void> {
    const { project } = work;
    const reads = await readTraces(project, tasks, this.#options);
    const stored = await this.#stored(project, tasks, reads);
    const left = await withoutToldElsewhere(this.#options.store, project, reads);
    const drafts = await inTurns(draftAll(left));
    const prompts = [...drafts.values()]
      .flat()
      .flatMap((draft) => draft.configuration.prompt?.hashes ?? []);
    const payloads = await this.#lookUp(project, prompts);
    await inTurns(this.#describeAll(work, { reads, drafts, stored, payloads }));
    await nextTurn();
  }

  *#describeAll(
    work: Work,
    {
      reads,
      drafts,
      stored,
      payloads,
    }: {
      readonly reads: ReadonlyMap<string, ReadTrace>;
      readonly drafts: ReadonlyMap<string, readonly Draft[]>;
      readonly stored: Stored;
      readonly payloads: PayloadTexts;
    },
  ): Turns<void> {
    for (const [traceId, read] of reads) {
      const own = drafts.get(traceId)!;
      yield* this.#describeTrace(work, { traceId, read, drafts: own, stored, payloads });
      yield;
    }
  }

  /** What is stored of the traces, by trace. What was never analysed has nothing. */
  async #stored(
    project: string,
    tasks: readonly TraceTask[],
    reads: ReadonlyMap<string, ReadTrace>,
  ): Promise<Stored> {
    const { sinceMs = 0 } = this.#options;
    const known = tasks.filter((task) => {
      const read = reads.get(task.traceId);
      const isOlder = ({ receivedS }: RunSpan): boolean => receivedS < Math.floor(sinceMs / 1000);
      return read !== undefined && (!task.isNew || read.spans.some(isOlder));
    });
    if (known.length === 0) return { runs: new Map(), calls: new Map() };
    const starts = new Map(
      known.map(({ traceId }) => [traceId, startsOf(reads.get(traceId)!)!] as const),
    );
    const windows = windowsAround([...starts.values()]);
    const ids = [...starts.keys()];
    const { runs, calls } = await this.#options.store.getTraceRuns(project, ids, windows);
    // What started where nothing of its trace was read is not looked at: it would seem to be gone.
    const isLookedAt = ({ value }: Versioned<Run> | Versioned<ModelCall>): boolean =>
      startsWithin(starts.get(value.traceId)!, value.startNs);
    return {
      runs: groupBy(runs.filter(isLookedAt), ({ value }) => value.traceId),
      calls: groupBy(
        calls.filter((call) => call.value.origin !== 'event' && isLookedAt(call)),
        ({ value }) => value.traceId,
      ),
    };
  }

  *#describeTrace(
    work: Work,
    trace: {
      readonly traceId: string;
      readonly read: ReadTrace;
      readonly drafts: readonly Draft[];
      readonly stored: Stored;
      readonly payloads: PayloadTexts;
    },
  ): Turns<void> {
    const { traceId, read, drafts, stored, payloads } = trace;
    const { abandonAfterMs, clock } = this.#options;
    const lastReceivedMs =
      read.spans.reduce((last, span) => Math.max(last, span.receivedS), 0) * 1000;
    const context: DescribeContext = {
      project: work.project,
      traceId,
      abandoned: clock.now() - lastReceivedMs >= abandonAfterMs,
      quiet: clock.now() - lastReceivedMs >= quietAfterMs(abandonAfterMs),
      truncated: read.truncated,
    };
    const storedCalls = stored.calls.get(traceId) ?? [];
    const costs = new Map(storedCalls.map(({ value }) => [value.spanId, value]));
    const described: Described[] = [];
    for (const { found, configuration } of drafts) {
      const calls: ModelCall[] = [];
      for (const node of found.modelCalls) {
        const call = describeCall(node, found, context);
        const known =
          work.options.reprice === true ? undefined : keptCost(call, costs.get(call.spanId));
        call.cost = known ?? this.#options.price(usageOf(node, call));
        calls.push(call);
        if (calls.length % CALLS_IN_A_TURN === 0) yield;
      }
      const run = describeRun(found, calls, context);
      run.agentVersion = agentVersionOf(configuration, payloads);
      described.push({ found, calls, run });
      // Of many small runs none is long, and all of them are.
      if (drafts.length > 1) yield;
    }
    const runs = described.map(({ run }) => run);
    const storedRuns = stored.runs.get(traceId) ?? [];
    const changedRuns = yield* addChanges(
      work.runs,
      storedRuns,
      runs,
      ({ runId }) => runId,
      work.version,
    );
    yield* addChanges(
      work.calls,
      storedCalls,
      described.flatMap(({ calls }) => calls),
      ({ spanId }) => spanId,
      work.version,
    );
    const ids = new Set(runs.map(({ runId }) => runId));
    const starts = startsOf(read);
    if (changedRuns.length > 0) noteSpanned(work, { traceId, read, starts }, runs);
    work.traces.push({
      project: work.project,
      traceId,
      starts,
      spans: read.spans.length,
      changedRuns,
      toldRunning: described.find(({ found, run }) => found.told && run.status === 'running')?.run,
      goneRuns: storedRuns.map(({ value }) => value).filter(({ runId }) => !ids.has(runId)),
    });
    if (this.#options.wantsDetails()) noteDetailed(work, described, new Set(changedRuns));
  }

  async #detail(project: string, described: readonly Described[]): Promise<RunDetail[]> {
    const drafted = await inTurns(
      mapInTurns(described, ({ found, run, calls }) => ({
        found,
        run,
        calls,
        texts: textsOf(found),
      })),
    );
    const payloads = await this.#lookUp(
      project,
      drafted.flatMap(({ texts }) => hashesIn(texts)),
    );
    return await inTurns(
      mapInTurns(drafted, ({ found, run, calls, texts }) => ({
        run,
        modelCalls: calls,
        toolCalls: resolveTools(found, texts, hasFailed, payloads),
        input: resolveContent(texts.input, 'input', payloads),
        output: resolveContent(texts.output, 'output', payloads),
      })),
    );
  }

  async #lookUp(project: string, hashes: readonly string[]): Promise<PayloadTexts> {
    const keyOf = (hash: string): string => `${project}/${hash}`;
    const missing = [...new Set(hashes)].filter(
      (hash) => this.#payloads.get(keyOf(hash)) === undefined,
    );
    if (missing.length === 0) return (hash) => this.#payloads.get(keyOf(hash));
    const found = await this.#options.store.getPayloads(
      project,
      missing,
      CONTENT_CHARACTERS_MAX * 4,
    );
    const kept = new Map(hashes.map((hash) => [hash, this.#payloads.get(keyOf(hash))]));
    for (const [hash, text] of found) {
      if (text.length <= KEPT_CHARACTERS_MAX) this.#payloads.set(keyOf(hash), text);
    }
    return (hash) => found.get(hash) ?? kept.get(hash);
  }
}

/** Notes the conversations of which spans tell that log records may tell of too. */
function noteSpanned(
  work: Work,
  {
    traceId,
    read,
    starts,
  }: {
    readonly traceId: string;
    readonly read: ReadTrace;
    readonly starts: StartWindow | undefined;
  },
  runs: readonly Run[],
): void {
  if (starts === undefined || !read.spans.some(mayBeToldToo)) return;
  for (const conversation of new Set(runs.map((run) => run.conversation))) {
    if (conversation !== '') work.spanned.push({ traceId, conversation, starts });
  }
}

function noteDetailed(
  work: Work,
  described: readonly Described[],
  changed: ReadonlySet<Run>,
): void {
  for (const item of described) {
    const isOver = item.run.status !== 'running';
    if (isOver && (work.options.detailAll === true || changed.has(item.run)))
      work.detailed.push(item);
  }
}

function* draftAll(reads: ReadonlyMap<string, ReadTrace>): Turns<Map<string, Draft[]>> {
  const drafts = new Map<string, Draft[]>();
  for (const [traceId, { spans }] of reads) {
    const isLarge = spans.length > SPANS_IN_A_TURN;
    const found = isLarge ? yield* findRunsInTurns(spans) : findRunsIn(spans);
    drafts.set(traceId, isLarge ? yield* mapInTurns(found, toDraft) : found.map(toDraft));
    yield;
  }
  return drafts;
}

function toDraft(found: FoundRun): Draft {
  const framework =
    found.root?.span.framework ||
    found.nodes.find(({ span }) => span.framework !== '')?.span.framework ||
    '';
  return { found, configuration: configurationOf(found, framework) };
}

/** What a call cost when it was priced, if it still is the same call. */
function keptCost(
  call: Omit<ModelCall, 'cost'>,
  stored: ModelCall | undefined,
): CallCost | undefined {
  if (stored === undefined) return undefined;
  const same =
    stored.provider === call.provider &&
    stored.model === call.model &&
    stored.requestModel === call.requestModel &&
    stored.invalid === call.invalid &&
    stored.estimated === call.estimated &&
    isDeepStrictEqual(stored.tokens, call.tokens);
  return same ? stored.cost : undefined;
}

function startsOf({ spans }: ReadTrace): StartWindow | undefined {
  if (spans.length === 0) return undefined;
  let least = spans[0]!.startNs;
  let greatest = least;
  for (const { startNs } of spans) {
    if (startNs < least) least = startNs;
    else if (startNs > greatest) greatest = startNs;
  }
  return { fromMs: Number(least / 1_000_000n), toMs: Number(greatest / 1_000_000n) };
}
