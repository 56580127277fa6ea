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
}

export function openRunAnalysis(
  telemetry: TestTelemetryStore,
  options: { readonly traceSpansMax?: number } = {},
): TestRunAnalysis {
  const clock = { nowMs: RECEIVED_MS + 5_000, now: () => clock.nowMs };
  const store = createRunStore({
    engine: telemetry.engine,
    directory: join(telemetry.directory, 'blocks'),
    clock,
  });
  const findPrices = createPriceLibrary();
  const analysis = new TraceAnalysis({
    store,
    clock,
    price: (usage) => priceCall(usage, findPrices),
    abandonAfterMs: 1_800_000,
    traceSpansMax: options.traceSpansMax ?? 150_000,
    wantsDetails: () => true,
  });
  return {
    store,
    clock,
    async analyze(traces, analyzeOptions) {
      const ids = new Set(traces.map(traceIdOf));
      const everywhere = { fromMs: 0, toMs: Date.UTC(2200, 0) };
      const listed = await store.listTraces('default', everywhere);
      const tasks = listed
        .filter(({ traceId }) => ids.has(traceId))
        .map(({ traceId, startMinMs, endMaxMs, spans }) => ({
          traceId,
          spans,
          isWhole: false,
          isNew: false,
          starts: { fromMs: startMinMs, toMs: endMaxMs },
        }));
      return await analysis.analyze('default', tasks, analyzeOptions);
    },
  };
}
