import type { AgentSighting } from '../model/agent.ts';
import type { TouchedTraces } from '../model/touched-traces.ts';

/** A table's share of a segment, encoded for insertion, in a file. */
export interface SealedTable {
  readonly table: string;
  readonly path: string;
  readonly rows: number;
}

/** That rows cannot be stored together: those of some tables, or of any. */
export interface Refusal {
  readonly tables: readonly string[] | 'all';
  readonly reason: string;
}

/** A segment, or a part of its records, whose rows are ready to be inserted. */
export interface SealedSegment {
  /** Also the token by which the store recognises a repeated insert. */
  readonly id: string;
  readonly tables: readonly SealedTable[];
  /** Of the requests in it. */
  readonly bytes: number;
  /** The agents in it, each once, with all its runs in the segment. Equal for a segment that is replayed. */
  readonly sightings: readonly AgentSighting[];
  /** The traces of its spans. Equal for a segment that is replayed. */
  readonly touched: readonly TouchedTraces[];
  /** Present when the segment is to be stored in parts from the start. */
  readonly refusal?: Refusal | undefined;
}

/** Where all of the segment's rows of a table are; undefined when it has none, or is stored in parts. */
export function fileOf({ tables, refusal }: SealedSegment, name: string): string | undefined {
  if (refusal !== undefined) return undefined;
  return tables.find(({ table }) => table === name)?.path;
}

/**
 * Stores sealed segments. An insert MUST be all or nothing. Repeated after a failure or a crash, with no other
 * insert into the table between, it MUST store nothing twice and nothing less. MUST throw a retryable `AppError`
 * when the same insert may succeed later, and one that is not when it never will.
 */
export interface SegmentWriter {
  writeTable(segmentId: string, table: SealedTable): Promise<void>;
}
