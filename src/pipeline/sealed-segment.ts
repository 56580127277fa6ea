import type { AgentSighting } from '../model/agent.ts';

/** A table's share of a segment, encoded for insertion, in a file. */
export interface SealedTable {
  readonly table: string;
  readonly path: string;
  readonly rows: number;
}

/** A segment, or a single record of one, whose rows are ready to be inserted. */
export interface SealedSegment {
  /** Also the token by which the store recognises a repeated insert. */
  readonly id: string;
  readonly tables: readonly SealedTable[];
  /** Of the requests in it. */
  readonly bytes: number;
  /** The agents in it, each once, with all its runs in the segment. Equal for a segment that is replayed. */
  readonly sightings: readonly AgentSighting[];
}

/**
 * Stores sealed segments. MUST be idempotent by segment id and table: an insert repeated after a crash
 * stores nothing twice. MUST throw a retryable `AppError` when the same insert may succeed later, and one
 * that is not when it never will. When it throws, `stored` names the tables that are done.
 */
export interface SegmentWriter {
  writeTable(segmentId: string, table: SealedTable): Promise<void>;
}
