import { setTimeout as delay } from 'node:timers/promises';

import { messageOf } from '../errors.ts';
import type { SealedSegment } from './sealed-segment.ts';

export interface ReplayOptions {
  /** Segments that a former run left, oldest first. */
  readonly ids: readonly string[];
  /** Encodes one anew; undefined when nothing in it is left to store. */
  readonly replay: (id: string) => Promise<SealedSegment | undefined>;
  readonly insert: (segment: SealedSegment) => Promise<void>;
  readonly onProblem: (message: string) => void;
  /** Gives up: what is left waits for the next start. */
  readonly signal: AbortSignal;
  readonly retryMs?: number;
}

const RETRY_MS = 1_000;

/** Stores what a former run left, one segment after the other; waits out what may pass, such as a full disk. */
export async function replayLogs(options: ReplayOptions): Promise<void> {
  const { ids, replay, insert, onProblem, signal, retryMs = RETRY_MS } = options;
  for (const id of ids) {
    while (!signal.aborted) {
      try {
        const segment = await replay(id);
        if (segment !== undefined) await insert(segment);
        break;
      } catch (error) {
        if (signal.aborted) return;
        onProblem(`segment ${id} cannot be replayed yet: ${messageOf(error)}`);
        await delay(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
