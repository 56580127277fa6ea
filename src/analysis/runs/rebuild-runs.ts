import type { RunStore, StartWindow } from '../../storage/run-store.ts';
import type { JobProgress } from '../jobs.ts';
import type { RunAnalyzer } from './run-analyzer.ts';

export interface RebuildRange extends StartWindow {
  /** Asks for the price of every call again; else calls keep what they were priced with. */
  readonly reprice: boolean;
}

/** Spans gone through between two reports of progress. */
const SLICE_SPANS = 50_000;
const STEP_SPANS = 20_000;

/**
 * Computes the runs of all traces with spans that started in the range, from what is stored, whatever was computed
 * before. Goes on beside new telemetry, in steps; stopped and begun again it does the same once more. Progress
 * is counted in parts of the range.
 */
export async function rebuildRuns(
  {
    store,
    analyzer,
  }: {
    readonly store: Pick<RunStore, 'sliceByStart' | 'listTraces'>;
    readonly analyzer: Pick<RunAnalyzer, 'analyze'>;
  },
  project: string,
  { fromMs, toMs, reprice }: RebuildRange,
  { signal, report }: JobProgress,
): Promise<void> {
  const slices = await store.sliceByStart(project, { fromMs, toMs }, SLICE_SPANS);
  report(0, slices.length);
  for (const [index, slice] of slices.entries()) {
    const traces = await store.listTraces(project, slice);
    let step: Parameters<RunAnalyzer['analyze']>[1][number][] = [];
    let spans = 0;
    const flush = async (): Promise<void> => {
      if (step.length > 0) await analyzer.analyze(project, step, { reprice });
      step = [];
      spans = 0;
    };
    for (const trace of traces) {
      if (signal.aborted) return;
      const starts = { fromMs: trace.startMinMs, toMs: trace.endMaxMs };
      step.push({
        traceId: trace.traceId,
        starts,
        isWhole: false,
        isNew: false,
        spans: trace.spans,
      });
      spans += trace.spans;
      if (spans >= STEP_SPANS) await flush();
    }
    await flush();
    report(index + 1, slices.length);
  }
}
