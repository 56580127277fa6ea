import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../errors.ts';
import { mergeSightings } from '../model/agent-sightings.ts';
import { touchedTraces } from '../model/touched-traces.ts';
import type { TelemetryColumns } from '../model/telemetry-columns.ts';
import { transcodeJson } from '../otlp/transcode-json.ts';
import { Backlog } from './backlog.ts';
import type { BacklogEntry } from './backlog.ts';
import type { PipelineConfig } from './config.ts';
import { DigestSet } from './digest-set.ts';
import { inflate } from './inflate.ts';
import type { Refusal, SealedSegment, SealedTable } from './sealed-segment.ts';
import type { ColumnDecoder } from './segment.ts';
import { Segment } from './segment.ts';
import { isStorageFailure, toStorageError } from './storage-error.ts';
import { syncDirectory } from '../base/sync-directory.ts';
import type { TelemetryReceipt, TelemetryRequest } from './telemetry-consumer.ts';
import type { WalRecord } from './wal-record.ts';
import { digestOf } from './wal-record.ts';
import { writeBuffers } from './write-buffers.ts';

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

/** Segments being inserted or waiting for it, beyond which none is closed before it is full. */
const SEALED_BEFORE_WAITING = 2;
/** Closed segments still in memory with which requests are refused: each holds its columns. */
const CLOSING_MAX = 2;
/** Emptied columns that keep their memory for the next segment. */
const IDLE_DECODERS_MAX = 2;
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
  /** Bodies of requests on their way to the disk. */
  #pendingBytes = 0;
  readonly #idle: ColumnDecoder[] = [];
  #open: Segment | undefined;
  #closing: Promise<void> = Promise.resolve();
  readonly #closingSegments = new Set<Segment>();
  #timer: NodeJS.Timeout | undefined;
  #counter = 0;
  readonly #backlog = new Backlog();
  #encodeError: AppError | undefined;

  constructor(options: IngestOptions) {
    this.#options = options;
    mkdirSync(join(options.directory, 'wal'), { recursive: true });
    mkdirSync(join(options.directory, 'segments'), { recursive: true });
    syncDirectory(options.directory);
    this.#digests = new DigestSet(options.directory, options.config.digestCapacity, () =>
      this.#unsavedDigests(),
    );
  }

  /** Throws an `AppError` when nothing of the request was taken. */
  async consume(request: TelemetryRequest): Promise<TelemetryReceipt> {
    this.#requireRoom();
    const inflated = inflate(request, this.#options.config.requestBytesMax);
    const body = request.encoding === 'json' ? this.#transcode(request, inflated) : inflated;
    const { signal, project, receivedAtMs } = request;
    const digest = digestOf(signal, project, body);
    const record: WalRecord = { signal, project, receivedAtMs, digest, redelivered: false, body };
    const pending = this.#pending.get(keyOf(record));
    if (pending !== undefined) return { ...(await pending), duplicate: true };
    if (this.#digests.has(digest)) return this.#repeat(record);
    return this.#takeOnce(record);
  }

  /**
   * Takes a dead letter again. Its runs were counted with the segment it was refused from. Throws when nothing of it
   * can be kept, so that the letter is not given up.
   */
  async redeliver(letter: Omit<WalRecord, 'digest' | 'redelivered'>): Promise<TelemetryReceipt> {
    this.#requireRoom();
    const digest = digestOf(letter.signal, letter.project, letter.body);
    const record: WalRecord = { ...letter, digest, redelivered: true };
    return this.#pending.get(keyOf(record)) ?? this.#takeOnce(record);
  }

  #requireRoom(): void {
    const { backlogBytesMax, inflightBytesMax } = this.#options.config;
    if (this.#backlog.bytes > backlogBytesMax) throw new AppError('BACKLOG_FULL');
    if (this.#closingSegments.size >= CLOSING_MAX)
      throw this.#encodeError ?? new AppError('BACKLOG_FULL');
    if (this.#pendingBytes > inflightBytesMax) throw new AppError('OVERLOADED');
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
    try {
      const outcome = decoder.decode(record.signal, record.body, record);
      return { ...outcome, sightings: [], duplicate: true };
    } finally {
      this.returnDecoder(decoder);
    }
  }

  async #takeOnce(record: WalRecord): Promise<TelemetryReceipt> {
    const key = keyOf(record);
    const receipt = this.#take(record);
    this.#pending.set(key, receipt);
    this.#pendingBytes += record.body.length;
    try {
      return await receipt;
    } finally {
      this.#pending.delete(key);
      this.#pendingBytes -= record.body.length;
    }
  }

  async #take(record: WalRecord): Promise<TelemetryReceipt> {
    const segment = this.#segmentFor(record);
    const { columns } = segment.decoder;
    const mark = columns.mark();
    const outcome = segment.decoder.decode(record.signal, record.body, record);
    const receipt: TelemetryReceipt = { ...outcome, duplicate: false };
    if (outcome.accepted === 0) {
      columns.restore(mark);
      if (record.redelivered) {
        throw new AppError('TELEMETRY_MALFORMED', outcome.message || 'there is nothing in it');
      }
      return receipt;
    }
    const durable = segment.commit({ record, mark, sightings: sightingsOf(record, outcome) });
    if (segment.bytes >= this.#options.config.segmentBytesMax) this.#seal();
    await durable;
    this.#digests.add(record.digest);
    return receipt;
  }

  #segmentFor(record: WalRecord): Segment {
    const open = this.#open;
    // A segment holds one day: each of its inserts is one part of one partition, and so all or nothing.
    if (open !== undefined && dayOf(open.openedAtMs) !== dayOf(record.receivedAtMs)) this.#seal();
    if (this.#open !== undefined) return this.#open;
    const id = `${this.#options.runId}-${String(this.#counter++).padStart(8, '0')}`;
    const segment = new Segment({
      id,
      path: join(this.#options.directory, 'wal', `${id}.wal`),
      decoder: this.borrowDecoder(),
      openedAtMs: record.receivedAtMs,
      toError: toStorageError,
    });
    this.#open = segment;
    this.#timer = setTimeout(() => this.#ripen(segment), this.#options.config.segmentAgeMaxMs);
    return segment;
  }

  /** Closes a segment that is old enough, unless the store is busy: then a fuller one serves it better. */
  #ripen(segment: Segment): void {
    if (this.#open !== segment) return;
    if (this.#backlog.size + this.#closingSegments.size >= SEALED_BEFORE_WAITING) {
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
    this.#closingSegments.add(segment);
    this.#closing = this.#closing.then(async () => {
      await segment.settled();
      await this.#finish(segment);
      this.#closingSegments.delete(segment);
    });
  }

  /** A full disk holds the segment in memory until there is room; it is durable in its log meanwhile. */
  async #finish(segment: Segment): Promise<void> {
    for (;;) {
      try {
        if (segment.isEmpty) segment.log.remove();
        else this.#handOn(segment);
        break;
      } catch (error) {
        this.#encodeError = toStorageError(error);
        await delay(ENCODE_RETRY_MS);
      }
    }
    this.#encodeError = undefined;
    this.returnDecoder(segment.decoder);
  }

  #handOn(segment: Segment): void {
    const { id, bytes, log } = segment;
    log.close();
    const encoded = this.encodeTables(id, segment.decoder.columns, segment.receivedAtMs!);
    this.track(id, { bytes, digests: segment.digests.view(), log });
    this.#options.onSealed({
      id,
      ...encoded,
      bytes,
      sightings: mergeSightings(segment.sightings),
      touched: touchedTraces(segment.decoder.columns.spans),
    });
  }

  /**
   * Writes the columns' rows to one file per table; says so when they cannot be encoded together. Throws what the
   * file system throws.
   */
  encodeTables(
    id: string,
    columns: TelemetryColumns,
    receivedAtMs: number,
    wanted: readonly string[] | 'all' = 'all',
  ): { tables: readonly SealedTable[]; refusal: Refusal | undefined } {
    let encoded: readonly EncodedTable[];
    try {
      encoded = this.#options.encode(columns, receivedAtMs);
    } catch (error) {
      if (isStorageFailure(error)) throw error;
      const reason = `the rows cannot be encoded: ${messageOf(error)}`;
      return { tables: [], refusal: { tables: wanted, reason } };
    }
    const tables = encoded
      .filter(({ table }) => wanted === 'all' || wanted.includes(table))
      .map(({ table, rows, chunks }) => {
        const path = join(this.#options.directory, 'segments', `${id}.${table}.native`);
        writeBuffers(path, chunks);
        return { table, path, rows };
      });
    return { tables, refusal: undefined };
  }

  get directory(): string {
    return this.#options.directory;
  }

  /** Counts a closed segment into the backlog until `stored`. */
  track(id: string, entry: BacklogEntry): void {
    this.#backlog.add(id, entry);
  }

  /** A closed segment that is not stored yet. */
  tracked(id: string): BacklogEntry | undefined {
    return this.#backlog.get(id);
  }

  /** All of a segment's rows are in the store: its log is no longer needed. */
  stored(id: string): void {
    const entry = this.#backlog.get(id);
    if (entry === undefined) return;
    // First the digests, then the log that also holds them: one of the two always knows the request.
    this.#digests.persist(entry.digests);
    entry.log.remove();
    this.#backlog.remove(id);
  }

  /** Remembers a request found in a log after a restart. */
  remember(digest: Buffer): void {
    this.#digests.add(digest);
  }

  borrowDecoder(): ColumnDecoder {
    return this.#idle.pop() ?? this.#options.createDecoder();
  }

  returnDecoder(decoder: ColumnDecoder): void {
    if (this.#idle.length >= IDLE_DECODERS_MAX) return;
    decoder.reset();
    this.#idle.push(decoder);
  }

  /** Closes the open segment and returns once all are handed on. */
  async drain(): Promise<void> {
    this.#seal();
    await this.#closing;
  }

  *#unsavedDigests(): Iterable<Buffer> {
    yield* this.#backlog.digests();
    for (const segment of this.#closingSegments) yield segment.digests.view();
    if (this.#open !== undefined) yield this.#open.digests.view();
  }
}

/** The agents that a record tells of. A dead letter's runs were counted when it first came. */
export function sightingsOf(
  { redelivered }: WalRecord,
  { sightings }: Pick<TelemetryReceipt, 'sightings'>,
): TelemetryReceipt['sightings'] {
  return redelivered ? sightings.map((sighting) => ({ ...sighting, runs: 0 })) : sightings;
}

function keyOf({ digest, redelivered }: WalRecord): string {
  return `${redelivered ? 'again ' : ''}${digest.toString('latin1')}`;
}

const DAY_MS = 86_400_000;

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}
