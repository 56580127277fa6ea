import type { AppError } from '../errors.ts';
import type { AgentSighting } from '../model/agent.ts';
import type { TelemetryColumns } from '../model/telemetry-columns.ts';
import type { Signal } from '../model/signal.ts';
import type { DecodeContext, DecodeOutcome } from '../otlp/decode-outcome.ts';
import { SegmentLog } from './segment-log.ts';
import type { WalRecord } from './wal-record.ts';

/** What turns requests into columns: `TelemetryDecoder`, with the columns it writes to. */
export interface ColumnDecoder {
  readonly columns: TelemetryColumns;
  /** Throws a `TELEMETRY_MALFORMED` error, with the columns as they were, when the bytes are no such request. */
  decode(signal: Signal, body: Buffer, context: DecodeContext): DecodeOutcome;
  /** Empties the columns. */
  reset(): void;
}

interface Waiting {
  readonly record: WalRecord;
  /** The columns' end before the record's rows. */
  readonly mark: readonly number[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A segment being filled: rows in columns, and the requests they came from in a log. Requests that come
 * while the log is being synced wait and are written together next (group commit).
 */
export class Segment {
  readonly id: string;
  readonly log: SegmentLog;
  readonly decoder: ColumnDecoder;
  readonly receivedAtMs: number;
  readonly digests: Buffer[] = [];
  readonly sightings: AgentSighting[] = [];
  /** Bytes of requests taken, durable or not yet. */
  bytes = 0;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  readonly #toError: (cause: unknown) => AppError;

  constructor(options: {
    id: string;
    path: string;
    decoder: ColumnDecoder;
    receivedAtMs: number;
    toError: (cause: unknown) => AppError;
  }) {
    this.id = options.id;
    this.log = new SegmentLog(options.path);
    this.decoder = options.decoder;
    this.receivedAtMs = options.receivedAtMs;
    this.#toError = options.toError;
  }

  /** Makes the record, whose rows are the columns' last, durable. */
  commit(record: WalRecord, mark: readonly number[]): Promise<void> {
    this.bytes += record.body.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, mark, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Returns once nothing waits to become durable. */
  async settled(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.log.append(group.map(({ record }) => record));
      } catch (error) {
        this.#fail(group, error);
        continue;
      }
      for (const { record, resolve } of group) {
        this.digests.push(record.digest);
        resolve();
      }
    }
    this.#flushing = undefined;
  }

  /** Rows of requests that are not durable are taken out again: those of the group, and all that came since. */
  #fail(group: readonly Waiting[], cause: unknown): void {
    const failed = [...group, ...this.#waiting];
    this.#waiting = [];
    this.decoder.columns.restore(failed[0]!.mark);
    const error = this.#toError(cause);
    for (const { record, reject } of failed) {
      this.bytes -= record.body.length;
      reject(error);
    }
  }
}
