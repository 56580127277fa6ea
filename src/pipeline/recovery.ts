import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../errors.ts';
import { mergeSightings } from '../model/agent-sightings.ts';
import type { AgentSighting } from '../model/agent.ts';
import type { DeadLetterStore } from './dead-letter-store.ts';
import type { Ingest } from './ingest.ts';
import type { SealedSegment, SealedTable } from './sealed-segment.ts';
import { SegmentLog } from './segment-log.ts';
import type { WalRecord } from './wal-record.ts';
import { readRecord } from './wal-record.ts';

/**
 * Brings back what was acknowledged and not stored: whole logs after a restart, single records of a segment
 * that the store refuses. Decoding a log again gives the same rows in the same order under the same id,
 * so that an insert which had succeeded is recognised.
 */
export class Recovery {
  readonly #ingest: Ingest;
  readonly #deadLetters: DeadLetterStore;
  readonly #clock: Clock;

  constructor(ingest: Ingest, deadLetters: DeadLetterStore, clock: Clock) {
    this.#ingest = ingest;
    this.#deadLetters = deadLetters;
    this.#clock = clock;
  }

  /** Names of the logs that a former run left, oldest first. */
  pending(): string[] {
    for (const left of readdirSync(join(this.#ingest.directory, 'segments'))) {
      rmSync(join(this.#ingest.directory, 'segments', left), { force: true });
    }
    return readdirSync(join(this.#ingest.directory, 'wal'))
      .filter((name) => name.endsWith('.wal'))
      .sort();
  }

  /** Encodes a former run's log anew. Undefined when nothing in it can be stored. */
  replay(name: string): SealedSegment | undefined {
    const id = name.slice(0, -'.wal'.length);
    const log = new SegmentLog(join(this.#ingest.directory, 'wal', name));
    const records = this.#readAll(log);
    const decoder = this.#ingest.borrowDecoder();
    const sightings: AgentSighting[] = [];
    const good: WalRecord[] = [];
    for (const record of records) {
      try {
        sightings.push(...decoder.decode(record.signal, record.body, record).sightings);
        good.push(record);
      } catch (error) {
        this.bury(record, messageOf(error));
      }
    }
    this.#ingest.remember(records.map(({ digest }) => digest));
    const first = good[0];
    const bytes = good.reduce((sum, { body }) => sum + body.length, 0);
    const tables =
      first === undefined ? [] : this.#ingest.encodeTables(id, decoder.columns, first.receivedAtMs);
    this.#ingest.returnDecoder(decoder);
    this.#ingest.track(id, {
      bytes,
      digests: records.map(({ digest }) => Buffer.from(digest)),
      log,
    });
    const merged = mergeSightings(sightings);
    if (tables.length > 0) return { id, tables, bytes, sightings: merged };
    this.#ingest.stored(id);
    return undefined;
  }

  /** How many records a sealed segment holds. */
  countRecords(id: string): number {
    return this.#readAll(this.#logOf(id)).length;
  }

  /** One record of a sealed segment as a segment of its own, with rows for the named tables only. */
  piece(id: string, index: number, tables: readonly string[]): SealedSegment {
    const record = this.#recordAt(id, index);
    const decoder = this.#ingest.borrowDecoder();
    decoder.decode(record.signal, record.body, record);
    const pieceId = `${id}.${index}`;
    const encoded = this.#ingest.encodeTables(pieceId, decoder.columns, record.receivedAtMs);
    this.#ingest.returnDecoder(decoder);
    return {
      id: pieceId,
      tables: keepWanted(encoded, tables),
      bytes: record.body.length,
      sightings: [],
    };
  }

  /** Puts one record of a sealed segment into the dead letters. */
  buryPiece(id: string, index: number, reason: string): void {
    this.bury(this.#recordAt(id, index), reason);
  }

  bury(record: WalRecord, reason: string): void {
    this.#deadLetters.add(record, reason, this.#clock.now());
  }

  #logOf(id: string): SegmentLog {
    const log = this.#ingest.logOf(id);
    if (log === undefined) throw new AppError('NOT_FOUND', `there is no sealed segment ${id}`);
    return log;
  }

  #recordAt(id: string, index: number): WalRecord {
    const record = this.#readAll(this.#logOf(id))[index];
    if (record === undefined)
      throw new AppError('NOT_FOUND', `segment ${id} has no record ${index}`);
    return record;
  }

  /** The good records of a log; damaged ones become dead letters, an unfinished last write is left out. */
  #readAll(log: SegmentLog): WalRecord[] {
    const bytes = existsSync(log.path) ? log.read() : Buffer.alloc(0);
    const records: WalRecord[] = [];
    let at = 0;
    for (;;) {
      const found = readRecord(bytes, at);
      if (found.kind === 'end' || found.kind === 'torn') return records;
      if (found.kind === 'unreadable') {
        this.bury(
          remainderOf(bytes, at, this.#clock.now()),
          'the write-ahead log is damaged from here on',
        );
        return records;
      }
      if (found.kind === 'record') records.push(found.record);
      else
        this.bury(
          found.record,
          'the write-ahead log is damaged here: the body is not what was written',
        );
      at = found.next;
    }
  }
}

function keepWanted(encoded: readonly SealedTable[], wanted: readonly string[]): SealedTable[] {
  return encoded.filter(({ table, path }) => {
    if (wanted.includes(table)) return true;
    rmSync(path, { force: true });
    return false;
  });
}

/** What cannot be read as records is kept as it is, for a person to look at. */
function remainderOf(bytes: Buffer, at: number, receivedAtMs: number): WalRecord {
  return {
    signal: 'traces',
    project: 'default',
    receivedAtMs,
    digest: Buffer.alloc(32),
    body: bytes.subarray(at),
  };
}
