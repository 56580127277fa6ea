import { ByteBuilder } from '../base/byte-builder.ts';
import type { AppError } from '../errors.ts';
import type { AgentSighting } from '../model/agent.ts';
import type { TelemetryColumns } from '../model/telemetry-columns.ts';
import type { Signal } from '../model/signal.ts';
import type { DecodeContext, DecodeOutcome } from '../otlp/decode-outcome.ts';
import { DIGEST_ENTRY_BYTES } from './digest-set.ts';
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

/** A request whose rows are in the columns. */
export interface DecodedRecord {
  readonly record: WalRecord;
  readonly sightings: readonly AgentSighting[];
  /** The columns' end before the record's rows. */
  readonly mark: readonly number[];
}

interface Waiting extends DecodedRecord {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What a request costs beside its bytes, in memory and in the log: small requests must not come free. */
export const RECORD_OVERHEAD_BYTES = 512;

/**
 * A segment being filled: rows in columns, and the requests they came from in a log. Requests that come
 * while the log is being synced wait and are written together next (group commit).
 */
export class Segment {
  readonly id: string;
  readonly log: SegmentLog;
  readonly decoder: ColumnDecoder;
  /** When the request arrived for which the segment was opened. */
  readonly openedAtMs: number;
  /** When the first durable request arrived: what a replay of the log finds, too. */
  receivedAtMs: number | undefined;
  /** The first bytes of the durable requests' digests, one after the other. */
  readonly digests = new ByteBuilder(DIGEST_ENTRY_BYTES * 64);
  /** Of the durable requests, in the log's order. */
  readonly sightings: AgentSighting[] = [];
  /** What the requests taken cost, durable or not yet. */
  bytes = 0;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  readonly #toError: (cause: unknown) => AppError;

  constructor(options: {
    id: string;
    path: string;
    decoder: ColumnDecoder;
    openedAtMs: number;
    toError: (cause: unknown) => AppError;
  }) {
    this.id = options.id;
    this.log = new SegmentLog(options.path);
    this.decoder = options.decoder;
    this.openedAtMs = options.openedAtMs;
    this.#toError = options.toError;
  }

  get isEmpty(): boolean {
    return this.digests.length === 0;
  }

  /** Makes the record, whose rows are the columns' last, durable. */
  commit(decoded: DecodedRecord): Promise<void> {
    this.bytes += costOf(decoded.record);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...decoded, resolve, reject });
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
      for (const { record, sightings, resolve } of group) {
        this.receivedAtMs ??= record.receivedAtMs;
        this.digests.copy(record.digest, 0, DIGEST_ENTRY_BYTES);
        this.sightings.push(...sightings);
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
      this.bytes -= costOf(record);
      reject(error);
    }
  }
}

export function costOf(record: WalRecord): number {
  return record.body.length + RECORD_OVERHEAD_BYTES;
}
