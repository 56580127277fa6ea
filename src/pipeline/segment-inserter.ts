import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { AppError, messageOf } from '../errors.ts';
import type { SealedSegment, SealedTable, SegmentWriter } from './sealed-segment.ts';

/** The other side of the hand-over: what knows the records behind a segment. */
export interface SegmentSource {
  /** All rows of the segment are stored, or its records are dead letters. */
  stored(segmentId: string): Promise<void>;
  countRecords(segmentId: string): Promise<number>;
  piece(segmentId: string, index: number, tables: readonly string[]): Promise<SealedSegment>;
  buryPiece(segmentId: string, index: number, reason: string): Promise<void>;
}

export interface InserterOptions {
  readonly writer: SegmentWriter;
  readonly source: SegmentSource;
  /** Told about what went wrong; the inserter goes on by itself. */
  readonly onProblem: (message: string) => void;
}

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;

/**
 * Inserts sealed segments in order, one at a time. A failure that may pass is waited out; a segment that the
 * store refuses is taken apart, and what it refuses alone becomes a dead letter.
 */
export class SegmentInserter {
  readonly #options: InserterOptions;
  #tail: Promise<void> = Promise.resolve();
  #stopped = false;
  readonly #stop = new AbortController();

  constructor(options: InserterOptions) {
    this.#options = options;
  }

  /** Queues the segment; the promise settles when it is stored, or given up at shutdown. */
  insert(segment: SealedSegment): Promise<void> {
    this.#tail = this.#tail.then(() => this.#insert(segment));
    return this.#tail;
  }

  /** Returns once everything queued so far is stored. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  /** Gives up waiting: what is not stored stays in the logs and is replayed at the next start. */
  abandon(): void {
    this.#stopped = true;
    this.#stop.abort();
  }

  async #insert(segment: SealedSegment): Promise<void> {
    try {
      const failure = await this.#write(segment);
      if (failure !== undefined) await this.#takeApart(segment, failure);
      if (!this.#stopped) await this.#options.source.stored(segment.id);
    } catch (error) {
      // The segment's log is still there: nothing is lost, and the next start tries again.
      this.#options.onProblem(
        `segment ${segment.id} is left for the next start: ${messageOf(error)}`,
      );
    } finally {
      if (!this.#stopped) for (const { path } of segment.tables) rmSync(path, { force: true });
    }
  }

  /** Writes the segment's tables; returns where the store refused it for good, if it did. */
  async #write(segment: SealedSegment): Promise<{ tables: string[]; reason: string } | undefined> {
    for (const [index, table] of segment.tables.entries()) {
      try {
        await this.#writePatiently(segment.id, table);
      } catch (error) {
        if (this.#stopped) throw error;
        const tables = segment.tables.slice(index).map(({ table: name }) => name);
        return { tables, reason: messageOf(error) };
      }
    }
    return undefined;
  }

  async #writePatiently(segmentId: string, table: SealedTable): Promise<void> {
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
      try {
        await this.#options.writer.writeTable(segmentId, table);
        return;
      } catch (error) {
        if (!(error instanceof AppError && error.retryable) || this.#stopped) throw error;
        this.#options.onProblem(
          `cannot store ${table.rows} rows of ${table.table} yet: ${error.message}`,
        );
        await delay(waitMs, undefined, { signal: this.#stop.signal });
      }
    }
  }

  async #takeApart(
    segment: SealedSegment,
    failure: { tables: string[]; reason: string },
  ): Promise<void> {
    const { source, onProblem } = this.#options;
    const count = await source.countRecords(segment.id);
    onProblem(
      `segment ${segment.id} is refused and is stored request by request (${count}): ${failure.reason}`,
    );
    for (let index = 0; index < count; index++) {
      const piece = await source.piece(segment.id, index, failure.tables);
      const refused = await this.#write(piece);
      for (const { path } of piece.tables) rmSync(path, { force: true });
      if (refused !== undefined) await source.buryPiece(segment.id, index, refused.reason);
    }
  }
}
