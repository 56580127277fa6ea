import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../errors.ts';
import { mergeSightings } from '../model/agent-sightings.ts';
import type { AgentSighting } from '../model/agent.ts';
import { touchedTraces } from '../model/touched-traces.ts';
import type { DeadLetterStore } from './dead-letter-store.ts';
import { letterIdOf } from './dead-letter-store.ts';
import { DIGEST_ENTRY_BYTES } from './digest-set.ts';
import type { Ingest } from './ingest.ts';
import { sightingsOf } from './ingest.ts';
import { PartsJournal } from './parts-journal.ts';
import type { Refusal, SealedSegment } from './sealed-segment.ts';
import { costOf } from './segment.ts';
import { SegmentLog } from './segment-log.ts';
import type { WalFinding, WalRecord } from './wal-record.ts';
import { readRecord } from './wal-record.ts';

/** The project of what is damaged so that its own cannot be told. */
const PROJECT_OF_UNKNOWN = 'default';

/**
 * Brings back what was acknowledged and not stored: whole logs after a restart, parts of a segment that
 * the store refuses. Decoding a log again gives the same rows in the same order under the same id,
 * so that an insert which had succeeded is recognised.
 */
export class Recovery {
  readonly #ingest: Ingest;
  readonly #deadLetters: DeadLetterStore;
  readonly #clock: Clock;
  readonly #journals = new Map<string, PartsJournal>();

  constructor(ingest: Ingest, deadLetters: DeadLetterStore, clock: Clock) {
    this.#ingest = ingest;
    this.#deadLetters = deadLetters;
    this.#clock = clock;
  }

  /**
   * Finds what a former run left: from now on its requests are known, and count as backlog. Returns the segments'
   * ids, oldest first, each to be replayed.
   */
  recover(): string[] {
    this.#deadLetters.removeLeftovers();
    const segments = join(this.#ingest.directory, 'segments');
    for (const name of readdirSync(segments)) rmSync(join(segments, name), { force: true });
    const wal = join(this.#ingest.directory, 'wal');
    const names = readdirSync(wal);
    const ids = names
      .filter((name) => name.endsWith('.wal'))
      .map((name) => name.slice(0, -'.wal'.length))
      .sort();
    for (const name of names) {
      const [id] = name.split('.');
      if (!ids.includes(id!)) rmSync(join(wal, name), { force: true });
    }
    for (const id of ids) this.#track(id);
    return ids;
  }

  /** Encodes a former run's log anew. Undefined when nothing in it is left to store. */
  replay(id: string): SealedSegment | undefined {
    const { log, bytes } = this.#entryOf(id);
    const journal = PartsJournal.load(journalPath(log));
    if (journal !== undefined) this.#journals.set(id, journal);
    const records = this.#readAll(log, true);
    const decoder = this.#ingest.borrowDecoder();
    try {
      const sightings: AgentSighting[] = [];
      let receivedAtMs: number | undefined;
      for (const record of records) {
        const decoded = this.#decodeOrBury(decoder, record);
        if (decoded === undefined) continue;
        sightings.push(...sightingsOf(record, decoded));
        receivedAtMs ??= record.receivedAtMs;
        // The letter went before the segment was taken apart; one that is there since is this record, refused again.
        if (record.redelivered && journal === undefined) {
          this.#deadLetters.remove(letterIdOf(record));
        }
      }
      if (receivedAtMs === undefined) {
        this.stored(id);
        return undefined;
      }
      const encoded =
        journal === undefined
          ? this.#ingest.encodeTables(id, decoder.columns, receivedAtMs)
          : { tables: [], refusal: { tables: 'all', reason: 'it was before' } as const };
      const touched = touchedTraces(decoder.columns.spans);
      return { id, ...encoded, bytes, sightings: mergeSightings(sightings), touched };
    } finally {
      this.#ingest.returnDecoder(decoder);
    }
  }

  takeApart(id: string, refusal: Refusal): void {
    if (this.#journals.has(id)) return;
    const { log } = this.#entryOf(id);
    const count = this.#readAll(log).length;
    this.#journals.set(id, PartsJournal.create(journalPath(log), count, refusal));
  }

  /** The next part of a segment that was taken apart. */
  nextPiece(id: string): SealedSegment | undefined {
    const { log } = this.#entryOf(id);
    const journal = this.#journalOf(id);
    for (let range = journal.next; range !== undefined; range = journal.next) {
      const records = this.#readAll(log).slice(range.from, range.to);
      const decoder = this.#ingest.borrowDecoder();
      try {
        for (const record of records) this.#decodeOrBury(decoder, record);
        const pieceId = `${id}.${range.from}-${range.to}`;
        const { tables, refusal } = this.#ingest.encodeTables(
          pieceId,
          decoder.columns,
          records[0]!.receivedAtMs,
          range.tables,
        );
        const bytes = records.reduce((sum, record) => sum + costOf(record), 0);
        if (refusal === undefined)
          return { id: pieceId, tables, bytes, sightings: [], touched: [] };
        this.pieceRefused(id, refusal);
      } finally {
        this.#ingest.returnDecoder(decoder);
      }
    }
    return undefined;
  }

  pieceStored(id: string): void {
    const journal = this.#journalOf(id);
    const { from, to } = journal.next!;
    // It may have become a dead letter before a crash that kept that from being noted.
    if (to - from === 1) this.#deadLetters.remove(letterIdOf(this.#recordAt(id, from)));
    journal.done();
  }

  pieceRefused(id: string, refusal: Refusal): void {
    const journal = this.#journalOf(id);
    const { from, to } = journal.next!;
    if (to - from > 1) {
      journal.halve(refusal.tables);
      return;
    }
    this.#bury(this.#recordAt(id, from), refusal.reason);
    journal.done();
  }

  stored(id: string): void {
    const log = this.#ingest.tracked(id)?.log;
    this.#ingest.stored(id);
    // After the log: without its journal it would be stored as a whole.
    this.#journals.delete(id);
    if (log !== undefined) rmSync(journalPath(log), { force: true });
  }

  #track(id: string): void {
    const log = new SegmentLog(join(this.#ingest.directory, 'wal', `${id}.wal`));
    const digests: Buffer[] = [];
    let bytes = 0;
    for (const found of findings(log.read())) {
      if (found.kind !== 'record') continue;
      bytes += costOf(found.record);
      this.#ingest.remember(found.record.digest);
      // A copy: the entry outlives the log's bytes.
      digests.push(Buffer.from(found.record.digest.subarray(0, DIGEST_ENTRY_BYTES)));
    }
    this.#ingest.track(id, { bytes, digests: Buffer.concat(digests), log });
  }

  #decodeOrBury(
    decoder: ReturnType<Ingest['borrowDecoder']>,
    record: WalRecord,
  ): ReturnType<typeof decoder.decode> | undefined {
    try {
      return decoder.decode(record.signal, record.body, record);
    } catch (error) {
      this.#bury(record, messageOf(error));
      return undefined;
    }
  }

  #bury(record: WalRecord, reason: string): void {
    this.#deadLetters.add(record, reason, this.#clock.now());
  }

  #entryOf(id: string): NonNullable<ReturnType<Ingest['tracked']>> {
    const entry = this.#ingest.tracked(id);
    if (entry === undefined) throw new AppError('NOT_FOUND', `there is no closed segment ${id}`);
    return entry;
  }

  #journalOf(id: string): PartsJournal {
    const journal = this.#journals.get(id);
    if (journal === undefined) {
      throw new AppError('NOT_FOUND', `segment ${id} was not taken apart`);
    }
    return journal;
  }

  #recordAt(id: string, index: number): WalRecord {
    return this.#readAll(this.#entryOf(id).log)[index]!;
  }

  /** The good records of a log; damaged ones can be made dead letters, an unfinished last write is left out. */
  #readAll(log: SegmentLog, buryDamaged = false): WalRecord[] {
    const records: WalRecord[] = [];
    const bytes = log.read();
    let at = 0;
    for (const found of findings(bytes)) {
      if (found.kind === 'record') records.push(found.record);
      else if (buryDamaged) this.#buryDamaged(found, bytes.subarray(at, found.next));
      at = found.next;
    }
    return records;
  }

  #buryDamaged(found: Found, bytes: Buffer): void {
    if (found.kind === 'damaged') {
      const project = found.record.project || PROJECT_OF_UNKNOWN;
      this.#bury(
        { ...found.record, project },
        'the write-ahead log is damaged here: this is not what was written',
      );
    } else if (found.kind === 'unreadable') {
      this.#bury(remainderOf(bytes, this.#clock.now()), 'the write-ahead log is unreadable here');
    }
  }
}

type Found = Extract<WalFinding, { readonly next: number }>;

function* findings(log: Buffer): Iterable<Found> {
  for (let at = 0; ;) {
    const found = readRecord(log, at);
    if (found.kind === 'end' || found.kind === 'torn') return;
    yield found;
    at = found.next;
  }
}

function journalPath(log: SegmentLog): string {
  return join(log.path, '..', `${basename(log.path, '.wal')}.parts`);
}

/** What cannot be read as records is kept as it is, for a person to look at. */
function remainderOf(bytes: Buffer, receivedAtMs: number): WalRecord {
  return {
    signal: 'traces',
    project: PROJECT_OF_UNKNOWN,
    receivedAtMs,
    digest: Buffer.alloc(32),
    redelivered: false,
    body: bytes,
  };
}
