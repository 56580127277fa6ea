import { join } from 'node:path';

import type { Analyzed, AnalyzeOptions } from '../../src/analysis/runs/analyze-traces.ts';
import { TraceAnalysis } from '../../src/analysis/runs/analyze-traces.ts';
import { priceCall } from '../../src/semconv/price-call.ts';
import { createPriceLibrary } from '../../src/semconv/price-library.ts';
import { createRunStore } from '../../src/storage/clickhouse/run-store.ts';
import type { RunStore } from '../../src/storage/run-store.ts';
import type { TestTelemetryStore } from './telemetry-store.ts';
import { RECEIVED_MS } from './telemetry-store.ts';
import { traceIdOf } from './trace-builder.ts';

/** The analysis over a real store, with list prices and a clock that the test sets. */
export interface TestRunAnalysis {
  readonly store: RunStore;
  readonly clock: { nowMs: number };
  /** Traces by the names that `traceIdOf` knows, all that is stored of them. */
  analyze(traces: readonly string[], options?: AnalyzeOptions): Promise<Analyzed>;
  analyzeAll(options?: AnalyzeOptions): Promise<Analyzed>;
  /**
   * As after a start of the process: of each trace is known when its new span began alone, in milliseconds from
   * `RECEIVED_MS`.
   */
  analyzeNews(startMs: Readonly<Record<string, number>>): Promise<Analyzed>;
}

export function openRunAnalysis(
  telemetry: TestTelemetryStore,
  options: {
    readonly traceSpansMax?: number;
    readonly project?: string;
    /** What list prices are multiplied with. */
    readonly factor?: () => bigint;
  } = {},
): TestRunAnalysis {
  const clock = { nowMs: RECEIVED_MS + 5_000, now: () => clock.nowMs };
  const store = createRunStore({
    engine: telemetry.engine,
    directory: join(telemetry.directory, 'blocks'),
    clock,
  });
  const { project = 'default', factor = () => 1n } = options;
  const findPrices = createPriceLibrary();
  const analysis = new TraceAnalysis({
    store,
    clock,
    price: (usage) => {
      const cost = priceCall(usage, findPrices);
      return { ...cost, amount: cost.amount === null ? null : cost.amount * factor() };
    },
    abandonAfterMs: 1_800_000,
    traceSpansMax: options.traceSpansMax ?? 150_000,
    wantsDetails: () => true,
  });
  const analyze = async (
    how: AnalyzeOptions | undefined,
    isWanted: (traceId: string) => boolean,
  ): Promise<Analyzed> => {
    const everywhere = { fromMs: 0, toMs: Date.UTC(2200, 0) };
    const listed = await store.listTraces(project, everywhere);
    const tasks = listed
      .filter(({ traceId }) => isWanted(traceId))
      .map(({ traceId, startMinMs, endMaxMs, spans }) => ({
        traceId,
        spans,
        isWhole: false,
        isNew: false,
        starts: { fromMs: startMinMs, toMs: endMaxMs },
      }));
    return await analysis.analyze(project, tasks, how);
  };
  return {
    store,
    clock,
    analyze(traces, analyzeOptions) {
      const ids = new Set(traces.map(traceIdOf));
      return analyze(analyzeOptions, (traceId) => ids.has(traceId));
    },
    analyzeAll: (analyzeOptions) => analyze(analyzeOptions, () => true),
    analyzeNews(startMs) {
      const tasks = Object.entries(startMs).map(([name, ms]) => ({
        traceId: traceIdOf(name),
        spans: 1,
        isWhole: false,
        isNew: false,
        starts: { fromMs: RECEIVED_MS + ms, toMs: RECEIVED_MS + ms + 10 },
      }));
      return analysis.analyze(project, tasks);
    },
  };
}
