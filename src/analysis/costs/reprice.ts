import type { Clock } from '../../base/clock.ts';
import type { CostStore, EventPosition } from '../../storage/cost-store.ts';
import type { RunStore } from '../../storage/run-store.ts';
import type { JobProgress } from '../jobs.ts';
import { rebuildRuns } from '../runs/rebuild-runs.ts';
import { repriceCall } from './cost-events.ts';
import type { PriceBook } from './price-book.ts';

const EVENTS_AT_ONCE = 2_000;

export interface RepriceParts {
  readonly rebuild: Parameters<typeof rebuildRuns>[0];
  readonly runs: Pick<RunStore, 'writeChanges'>;
  readonly costs: Pick<CostStore, 'listEvents'>;
  readonly prices: Pick<PriceBook, 'price'>;
  readonly clock: Clock;
}

/**
 * Prices every call that began in the range anew: those of traces by computing their runs again, then those that were
 * told of by themselves. Goes on beside new telemetry; stopped and begun again it does the same once more. Progress is
 * the traces', for they are nearly all of the work.
 */
export async function reprice(
  { rebuild, runs, costs, prices, clock }: RepriceParts,
  project: string,
  range: { readonly fromMs: number; readonly toMs: number },
  progress: JobProgress,
): Promise<void> {
  await rebuildRuns(rebuild, project, { ...range, reprice: true }, progress);
  let after: EventPosition | undefined;
  while (!progress.signal.aborted) {
    const stored = await costs.listEvents(project, { range, after, limit: EVENTS_AT_ONCE });
    const changed = stored.flatMap((old) => {
      const value = repriceCall(old.value, prices);
      return value === undefined ? [] : [{ old, value }];
    });
    if (changed.length > 0) {
      await runs.writeChanges(
        { gone: [], come: [] },
        {
          gone: changed.map(({ old }) => old),
          come: changed.map(({ old, value }) => ({
            value,
            version: Math.max(clock.now(), old.version + 1),
          })),
        },
      );
    }
    const last = stored.at(-1);
    if (last === undefined || stored.length < EVENTS_AT_ONCE) return;
    after = { startNs: last.value.startNs, traceId: last.value.traceId };
  }
}
