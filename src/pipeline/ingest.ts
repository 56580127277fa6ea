import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../errors.ts';
import { mergeSightings } from '../model/agent-sightings.ts';
import type { TelemetryColumns } from '../model/telemetry-columns.ts';
import { transcodeJson } from '../otlp/transcode-json.ts';
import type { PipelineConfig } from './config.ts';
import { DigestSet } from './digest-set.ts';
import { inflate } from './inflate.ts';
import { writeBuffers } from './write-buffers.ts';
import { toStorageError } from './storage-error.ts';
import type { SealedSegment, SealedTable } from './sealed-segment.ts';
import type { ColumnDecoder } from './segment.ts';
import { Segment } from './segment.ts';
import type { SegmentLog } from './segment-log.ts';
import type { TelemetryReceipt, TelemetryRequest } from './telemetry-consumer.ts';
import type { WalRecord } from './wal-record.ts';
import { digestOf } from './wal-record.ts';

/** A block of rows for one table, as the store encodes it. */
export interface EncodedTable {
  readonly table: string;
  readonly rows: number;
  readonly chunks: readonly Buffer[];
}

export interface IngestOptions {
  readonly directory: string;
  readonly config: PipelineConfig;
  readonly clock: Clock;
  /** A part of segment ids that no other process or run has. */
  readonly runId: string;
  readonly createDecoder: () => ColumnDecoder;
  readonly encode: (columns: TelemetryColumns, receivedAtMs: number) => readonly EncodedTable[];
  /** Takes segments over, in order. */
  readonly onSealed: (segment: SealedSegment) => void;
}

interface BacklogEntry {
  readonly bytes: number;
  readonly digests: readonly Buffer[];
  readonly log: SegmentLog;
}

/** Segments being inserted or waiting for it, beyond which none is closed before it is full. */
const SEALED_BEFORE_WAITING = 2;
/** Closed segments still in memory, beyond which requests are refused: each holds its columns. */
const CLOSING_MAX = 2;
const ENCODE_RETRY_MS = 500;

/**
 * The way of a request to the disk: decompressed, decoded into the open segment's columns, appended to its
 * log, acknowledged; then the segment is closed, encoded and handed on. Knows nothing of the store but
 * how to encode for it.
 */
export class Ingest {
  readonly #options: IngestOptions;
  readonly #digests: DigestSet;
  /** Requests on their way to the disk, by digest: one sent again meanwhile waits for the first. */
  readonly #pending = new Map<string, Promise<TelemetryReceipt>>();
  readonly #idle: ColumnDecoder[] = [];
  #open: Segment | undefined;
  #closing: Promise<void> = Promise.resolve();
  #closingCount = 0;
  #timer: NodeJS.Timeout | undefined;
  #counter = 0;
  /** Sealed segments not yet stored: id → bytes. */
  readonly #backlog = new Map<string, BacklogEntry>();
  #backlogBytes = 0;
  #encodeError: AppError | undefined;

  constructor(options: IngestOptions) {
    this.#options = options;
    mkdirSync(join(options.directory, 'wal'), { recursive: true });
    mkdirSync(join(options.directory, 'segments'), { recursive: true });
    this.#digests = new DigestSet(options.directory, options.config.digestCapacity);
  }

  /** Throws an `AppError` when nothing of the request was taken. */
  async consume(request: TelemetryRequest): Promise<TelemetryReceipt> {
    const { config } = this.#options;
    if (this.#backlogBytes > config.backlogBytesMax) throw new AppError('BACKLOG_FULL');
    if (this.#closingCount > CLOSING_MAX) throw this.#encodeError ?? new AppError('BACKLOG_FULL');
    const inflated = inflate(request, config.requestBytesMax);
    const body = request.encoding === 'json' ? this.#transcode(request, inflated) : inflated;
    const digest = digestOf(request.signal, request.project, body);
    const record: WalRecord = {
      signal: request.signal,
      project: request.project,
      receivedAtMs: request.receivedAtMs,
      digest,
      body,
    };
    const key = digest.toString('latin1');
    const pending = this.#pending.get(key);
    if (pending !== undefined) return { ...(await pending), duplicate: true };
    if (this.#digests.has(digest)) return this.#repeat(record);
    const receipt = this.#take(record);
    this.#pending.set(key, receipt);
    try {
      return await receipt;
    } finally {
      this.#pending.delete(key);
    }
  }

  /** Takes a record although its digest may be known: for a dead letter that is tried again. */
  async redeliver(record: WalRecord): Promise<TelemetryReceipt> {
    return this.#take(record);
  }

  #transcode(request: TelemetryRequest, json: Buffer): Buffer {
    try {
      return transcodeJson(request.signal, json);
    } catch (error) {
      throw new AppError(
        'TELEMETRY_MALFORMED',
        `cannot decode OTLP/JSON ${request.signal} request of ${json.length} bytes: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  /** A request that is stored already: counted again for the answer, and nothing kept. */
  #repeat(record: WalRecord): TelemetryReceipt {
    const decoder = this.borrowDecoder();
    const outcome = decoder.decode(record.signal, record.body, record);
    this.returnDecoder(decoder);
    return { ...outcome, sightings: [], duplicate: true };
  }

  async #take(record: WalRecord): Promise<TelemetryReceipt> {
    const segment = this.#segmentFor(record);
    const mark = segment.decoder.columns.mark();
    const outcome = segment.decoder.decode(record.signal, record.body, record);
    const receipt: TelemetryReceipt = { ...outcome, duplicate: false };
    if (outcome.accepted === 0) {
      segment.decoder.columns.restore(mark);
      return receipt;
    }
    const durable = segment.commit(record, mark);
    if (segment.bytes >= this.#options.config.segmentBytesMax) this.#seal();
    await durable;
    segment.sightings.push(...outcome.sightings);
    this.#digests.add(record.digest);
    return receipt;
  }

  #segmentFor(record: WalRecord): Segment {
    const open = this.#open;
    // A segment holds one day: each of its inserts is one part of one partition, and so all or nothing.
    if (open !== undefined && dayOf(open.receivedAtMs) !== dayOf(record.receivedAtMs)) this.#seal();
    if (this.#open !== undefined) return this.#open;
    const id = `${this.#options.runId}-${String(this.#counter++).padStart(8, '0')}`;
    const segment = new Segment({
      id,
      path: join(this.#options.directory, 'wal', `${id}.wal`),
      decoder: this.borrowDecoder(),
      receivedAtMs: record.receivedAtMs,
      toError: toStorageError,
    });
    this.#open = segment;
    this.#timer = setTimeout(() => this.#ripen(segment), this.#options.config.segmentAgeMaxMs);
    return segment;
  }

  /** Closes a segment that is old enough, unless the store is busy: then a fuller one serves it better. */
  #ripen(segment: Segment): void {
    if (this.#open !== segment) return;
    if (this.#backlog.size + this.#closingCount >= SEALED_BEFORE_WAITING) {
      this.#timer = setTimeout(
        () => this.#ripen(segment),
        this.#options.config.segmentAgeMaxMs / 4,
      );
    } else this.#seal();
  }

  #seal(): void {
    const segment = this.#open;
    if (segment === undefined) return;
    clearTimeout(this.#timer);
    this.#open = undefined;
    this.#closingCount++;
    this.#closing = this.#closing.then(async () => {
      await segment.settled();
      await this.#finish(segment);
      this.#closingCount--;
    });
  }

  /** A full disk holds the segment in memory until there is room; it is durable in its log meanwhile. */
  async #finish(segment: Segment): Promise<void> {
    segment.log.close();
    while (segment.digests.length > 0) {
      try {
        const tables = this.encodeTables(segment.id, segment.decoder.columns, segment.receivedAtMs);
        this.track(segment.id, {
          bytes: segment.bytes,
          digests: segment.digests,
          log: segment.log,
        });
        this.#encodeError = undefined;
        this.#options.onSealed({
          id: segment.id,
          tables,
          bytes: segment.bytes,
          sightings: mergeSightings(segment.sightings),
        });
        break;
      } catch (error) {
        this.#encodeError = toStorageError(error);
        await delay(ENCODE_RETRY_MS);
      }
    }
    this.returnDecoder(segment.decoder);
  }

  /** Writes the columns' rows to one file per table. */
  encodeTables(id: string, columns: TelemetryColumns, receivedAtMs: number): SealedTable[] {
    return this.#options.encode(columns, receivedAtMs).map(({ table, rows, chunks }) => {
      const path = join(this.#options.directory, 'segments', `${id}.${table}.native`);
      writeBuffers(path, chunks);
      return { table, path, rows };
    });
  }

  get directory(): string {
    return this.#options.directory;
  }

  /** Counts a sealed segment into the backlog until `stored`. */
  track(id: string, entry: BacklogEntry): void {
    this.#backlog.set(id, entry);
    this.#backlogBytes += entry.bytes;
  }

  /** The log of a sealed segment that is not stored yet. */
  logOf(id: string): SegmentLog | undefined {
    return this.#backlog.get(id)?.log;
  }

  /** All of a segment's rows are in the store: its log is no longer needed. */
  stored(id: string): void {
    const entry = this.#backlog.get(id);
    if (entry === undefined) return;
    // First the digests, then the log that also holds them: one of the two always knows the request.
    this.#digests.persist(entry.digests);
    entry.log.remove();
    this.#backlog.delete(id);
    this.#backlogBytes -= entry.bytes;
  }

  /** Remembers requests found in a log after a restart. */
  remember(digests: readonly Buffer[]): void {
    for (const digest of digests) this.#digests.add(digest);
  }

  borrowDecoder(): ColumnDecoder {
    return this.#idle.pop() ?? this.#options.createDecoder();
  }

  returnDecoder(decoder: ColumnDecoder): void {
    decoder.reset();
    this.#idle.push(decoder);
  }

  /** Closes the open segment and returns once all are handed on. */
  async drain(): Promise<void> {
    this.#seal();
    await this.#closing;
  }
}

const DAY_MS = 86_400_000;

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}
