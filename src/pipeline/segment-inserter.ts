import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { AppError, messageOf } from '../errors.ts';
import type { Refusal, SealedSegment, SealedTable, SegmentWriter } from './sealed-segment.ts';

/** The other side of the hand-over: what knows the records behind a segment. */
export interface SegmentSource {
  /** All rows of the segment are stored, or its records are dead letters. */
  stored(segmentId: string): Promise<void>;
  /** From now on the segment is stored in parts. Repeating it does no harm. */
  takeApart(segmentId: string, refusal: Refusal): Promise<void>;
  /** What to store next of a segment that was taken apart; the same until it is stored or refused. */
  nextPiece(segmentId: string): Promise<SealedSegment | undefined>;
  pieceStored(segmentId: string): Promise<void>;
  /** Halves the piece; a single record becomes a dead letter. */
  pieceRefused(segmentId: string, refusal: Refusal): Promise<void>;
}

export interface InserterOptions {
  readonly writer: SegmentWriter;
  readonly source: SegmentSource;
  /**
   * Told of each segment once it is stored and before its log is deleted: again after a failure or a crash, so
   * it MUST be idempotent by the segment's id. The segment's files are there until then; one that was stored in parts
   * says what was refused.
   */
  readonly onStored: (segment: SealedSegment) => Promise<unknown>;
  /** Told about what went wrong; the inserter goes on by itself. */
  readonly onProblem: (message: string) => void;
  /** The first wait before another attempt; it doubles up to twenty times itself. */
  readonly retryMs?: number;
}

const RETRY_MS = 100;
const RETRY_GROWTH_MAX = 20;

/**
 * Inserts sealed segments in order, one at a time: none is begun before the one before it is stored and its log
 * deleted, so that after a crash only one can have been stored in part. A failure that may pass is waited out; a
 * segment that the store refuses is taken apart, and what it refuses alone becomes a dead letter.
 */
export class SegmentInserter {
  readonly #options: InserterOptions;
  #tail: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();

  constructor(options: InserterOptions) {
    this.#options = options;
  }

  /** Queues the segment; the promise settles when it is stored, or given up at shutdown. Never rejects. */
  insert(segment: SealedSegment): Promise<void> {
    this.#tail = this.#tail.then(() => this.#insert(segment));
    return this.#tail;
  }

  /** Returns once everything queued so far is stored, or given up at shutdown. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  /** Gives up waiting: what is not stored stays in the logs and is replayed at the next start. */
  abandon(): void {
    this.#stop.abort();
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #insert(segment: SealedSegment): Promise<void> {
    const { source, onStored } = this.#options;
    let { refusal } = segment;
    const store = async (): Promise<void> => {
      refusal ??= await this.#write(segment);
      if (refusal !== undefined) await this.#storeInParts(segment.id, refusal);
      await onStored(refusal === undefined ? segment : { ...segment, refusal });
      await source.stored(segment.id);
    };
    if (!(await this.#untilDone(store, `segment ${segment.id}`))) return;
    removeFiles(segment.tables);
  }

  /** Writes the tables; returns where the store refused for good, if it did. */
  async #write(segment: SealedSegment): Promise<Refusal | undefined> {
    for (const [index, table] of segment.tables.entries()) {
      try {
        await this.#options.writer.writeTable(segment.id, table);
      } catch (error) {
        if (!(error instanceof AppError) || error.retryable) throw error;
        const tables = segment.tables.slice(index).map(({ table: name }) => name);
        return { tables, reason: messageOf(error) };
      }
    }
    return undefined;
  }

  async #storeInParts(id: string, refusal: Refusal): Promise<void> {
    const { source, onProblem } = this.#options;
    onProblem(`segment ${id} is refused and is stored in parts: ${refusal.reason}`);
    await source.takeApart(id, refusal);
    for (;;) {
      const piece = await source.nextPiece(id);
      if (piece === undefined) return;
      let refused: Refusal | undefined;
      const write = async (): Promise<void> => {
        refused = await this.#write(piece);
      };
      if (!(await this.#untilDone(write, `part ${piece.id}`))) throw new AppError('SHUTTING_DOWN');
      if (refused === undefined) await source.pieceStored(id);
      else await source.pieceRefused(id, refused);
      removeFiles(piece.tables);
    }
  }

  /** Tries until it succeeds; false when it was given up at shutdown. */
  async #untilDone(attempt: () => Promise<void>, what: string): Promise<boolean> {
    const { onProblem, retryMs = RETRY_MS } = this.#options;
    for (let waitMs = retryMs; !this.#stopped;) {
      try {
        await attempt();
        return true;
      } catch (error) {
        if (this.#stopped) break;
        onProblem(`${what} cannot be stored yet: ${messageOf(error)}`);
        // An aborted wait ends the loop by its condition.
        await delay(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
        waitMs = Math.min(waitMs * 2, retryMs * RETRY_GROWTH_MAX);
      }
    }
    return false;
  }
}

function removeFiles(tables: readonly SealedTable[]): void {
  for (const { path } of tables) rmSync(path, { force: true });
}
