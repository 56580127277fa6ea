import { AppError } from '../errors.ts';
import { groupBy } from '../base/group-by.ts';
import { formatDollars } from '../model/money.ts';
import type { Run } from '../model/run.ts';
import { addKnown } from '../model/run.ts';
import type { RunPosition, RunSortKey, RunStore } from '../storage/run-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { RunFamily, RunQueries } from './run-query.ts';

/** Runs of one trace that are looked at for a family. */
const FAMILY_MAX = 2_000;

/** Answers questions about runs from a store. */
export function createRunQuery(store: RunStore): RunQueries {
  return {
    async findRuns(project, { filter, sort }, { limit, cursor }) {
      const after = cursor === undefined ? undefined : positionOf(cursor, sort);
      const { runs, more } = await store.findRuns(project, { filter, sort, after, limit });
      const last = runs.at(-1);
      const nextCursor = more && last !== undefined ? cursorOf(last, sort) : null;
      return { rows: runs, nextCursor };
    },
    getRun: (project, id) => getRun(store, project, id),
    listCalls: (project, traceId) => store.listCalls(project, traceId),
    countRunsByAgent: (project, sinceMs) => store.countRunsByAgent(project, sinceMs),
  };
}

async function getRun(
  store: RunStore,
  project: string,
  { runId, traceId }: { runId: string; traceId: string | undefined },
): Promise<RunFamily | undefined> {
  const page = { sort: 'start', after: undefined } as const;
  const found = await store.findRuns(project, { ...page, filter: { runId, traceId }, limit: 2 });
  const [run, another] = found.runs;
  if (run === undefined) return undefined;
  if (another !== undefined) {
    throw new AppError(
      'VALIDATION_ERROR',
      `several traces have a run ${runId}, among them ${run.traceId} and ${another.traceId}; add the trace with ?trace=`,
    );
  }
  const [{ runs }, calls] = await Promise.all([
    store.findRuns(project, { ...page, filter: { traceId: run.traceId }, limit: FAMILY_MAX }),
    store.listCalls(project, run.traceId),
  ]);
  const byParent = groupBy(runs, ({ parentRunId }) => parentRunId);
  const all: Run[] = [run];
  const seen = new Set([run.runId]);
  for (const one of all) {
    for (const child of byParent.get(one.runId) ?? []) {
      if (seen.has(child.runId)) continue;
      seen.add(child.runId);
      all.push(child);
    }
  }
  return {
    run,
    modelCalls: calls.filter((call) => call.runId === run.runId),
    children: (byParent.get(run.runId) ?? []).toReversed(),
    all,
  };
}

function cursorOf(run: Run, sort: RunSortKey): string {
  return encodeCursor([sort, SORTED_BY[sort](run), String(run.startNs), run.traceId, run.runId]);
}

const known = (count: number | bigint | null): string => (count === null ? '-1' : String(count));

/** As the store sorts: what is not known comes after everything that is. */
const SORTED_BY: Readonly<Record<RunSortKey, (run: Run) => string>> = {
  start: () => '0',
  cost: ({ cost }) => (cost === null ? '-1' : formatDollars(cost)),
  duration: ({ durationNs }) => known(durationNs),
  tokens: ({ tokens: { input, output } }) => known(addKnown(input, output)),
  input_tokens: ({ tokens }) => known(tokens.input),
  output_tokens: ({ tokens }) => known(tokens.output),
  model_calls: ({ modelCalls }) => known(modelCalls),
  tool_calls: ({ toolCalls }) => known(toolCalls),
  errors: ({ errorCount }) => known(errorCount),
  retries: ({ retries }) => known(retries),
  spans: ({ spanCount }) => known(spanCount),
};

function positionOf(cursor: string, sort: RunSortKey): RunPosition {
  const [by, value, start, traceId, runId] = decodeCursor(cursor, 5).map(String);
  const valid =
    by === sort &&
    /^-?\d{1,20}(?:\.\d{1,12})?$/.test(value!) &&
    /^\d{1,19}$/.test(start!) &&
    /^[0-9a-f]{32}$/.test(traceId!) &&
    /^[0-9a-f]{16}$/.test(runId!);
  if (!valid) {
    throw new AppError(
      'VALIDATION_ERROR',
      'the cursor is not one of ours for this order; send meta.next_cursor as it was answered, with the same sort',
    );
  }
  return { value: value!, startNs: BigInt(start!), traceId: traceId!, runId: runId! };
}
