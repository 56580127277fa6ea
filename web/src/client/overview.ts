import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { read } from './call.ts';
import type { DataOf } from './call.ts';
import { pollEvery } from './live.ts';

export type RunStats = DataOf<'GET /api/v1/runs/stats'>;

const HOUR_MS = 3_600_000;

/** Runs of the last hours, whole hours so that the same is not asked anew each second. */
export function runStatsQuery(hours: number, agent?: string) {
  return queryOptions({
    queryKey: ['runs', 'stats', hours, agent],
    queryFn: ({ signal }) => {
      const toMs = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
      return read('GET /api/v1/runs/stats', {
        query: {
          from: String(toMs - hours * HOUR_MS),
          to: String(toMs),
          steps: 48,
          ...(agent === undefined ? {} : { agent }),
        },
        signal,
      });
    },
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(15_000),
  });
}
