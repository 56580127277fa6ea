import type { Clock } from '../../base/clock.ts';
import type { Run, RunDetail } from '../../model/run.ts';
import type { QualitySettingStore } from '../../storage/quality-setting-store.ts';

/** Runs that wait for the judge; more are passed over. */
const WAITING_MAX = 1_000;
/** A run that waited for so long over a stop is let go of. */
const WAITED_MS_MAX = 7 * 86_400_000;
const AT_ONCE_MAX = 4;

type RunPlace = Pick<Run, 'project' | 'traceId' | 'runId'>;

/** A run that waits; its texts are read when it is its turn, where it waited over a stop. */
export interface QueuedRun extends RunPlace {
  readonly detail: RunDetail | undefined;
}

/** Runs that wait for the judge, on the record until they had their turn. */
export interface JudgeQueue {
  /** Returns when it is on the record that they wait: how many do not, because too many would. */
  add(details: readonly RunDetail[]): Promise<number>;
  /** Goes on with what is on the record since before the start. */
  resume(): Promise<void>;
  /** Those under way among them. */
  waiting(): number;
  /** Returns when nothing waits any more. */
  settled(): Promise<void>;
  /** What waits stays on the record; what is under way ends. */
  shutdown(): Promise<void>;
}

export function createJudgeQueue(options: {
  readonly store: Pick<QualitySettingStore, 'addWaiting' | 'removeWaiting' | 'listWaiting'>;
  readonly clock: Clock;
  /** A run whose turn fails stays on the record and has another after the next start. */
  readonly turn: (run: QueuedRun) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}): JudgeQueue {
  const { store, clock, turn, onFailure } = options;
  const waiting: QueuedRun[] = [];
  const running = new Set<Promise<void>>();
  // A run that comes again while it waits, or while the judge is asked about it, is not asked about twice.
  const inHand = new Set<string>();
  let closed = false;

  const fill = (): void => {
    while (running.size < AT_ONCE_MAX && waiting.length > 0) {
      const run = waiting.shift()!;
      const work: Promise<void> = turn(run)
        .then(() => store.removeWaiting(run))
        .catch(onFailure)
        .finally(() => {
          inHand.delete(keyOf(run));
          running.delete(work);
          fill();
        });
      running.add(work);
    }
  };

  const take = (runs: readonly QueuedRun[]): void => {
    if (closed) return;
    waiting.push(...runs);
    fill();
  };

  return {
    async add(details) {
      const fresh = details
        .map((detail): QueuedRun => ({ ...placeOf(detail.run), detail }))
        .filter((run) => !inHand.has(keyOf(run)));
      const runs = closed ? [] : fresh.slice(0, Math.max(0, WAITING_MAX - waiting.length));
      if (runs.length === 0) return closed ? 0 : fresh.length;
      for (const run of runs) inHand.add(keyOf(run));
      try {
        const sinceMs = clock.now();
        await store.addWaiting(runs.map((run) => ({ ...placeOf(run), sinceMs })));
      } catch (error) {
        for (const run of runs) inHand.delete(keyOf(run));
        throw error;
      }
      take(runs);
      return fresh.length - runs.length;
    },

    async resume() {
      const oldestMs = clock.now() - WAITED_MS_MAX;
      const runs: QueuedRun[] = [];
      for (const run of await store.listWaiting(WAITING_MAX)) {
        if (run.sinceMs < oldestMs) await store.removeWaiting(run);
        else if (!inHand.has(keyOf(run))) runs.push({ ...placeOf(run), detail: undefined });
      }
      for (const run of runs) inHand.add(keyOf(run));
      take(runs);
    },

    waiting: () => waiting.length + running.size,

    async settled() {
      while (running.size > 0) await Promise.all(running);
    },

    async shutdown() {
      closed = true;
      waiting.length = 0;
      await Promise.all(running);
    },
  };
}

const placeOf = ({ project, traceId, runId }: RunPlace): RunPlace => ({ project, traceId, runId });

const keyOf = ({ project, traceId, runId }: RunPlace): string => `${traceId}/${runId}/${project}`;
