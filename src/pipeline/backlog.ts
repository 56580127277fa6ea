import type { SegmentLog } from './segment-log.ts';

/** A closed segment that is not stored yet. */
export interface BacklogEntry {
  /** What its requests cost, in memory and on disk. */
  readonly bytes: number;
  /** The first bytes of its requests' digests, one after the other. */
  readonly digests: Buffer;
  readonly log: SegmentLog;
}

/** Closed segments that are not stored yet, by id. */
export class Backlog {
  readonly #entries = new Map<string, BacklogEntry>();
  #bytes = 0;

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The same id added again is the same segment. */
  add(id: string, entry: BacklogEntry): void {
    this.remove(id);
    this.#entries.set(id, entry);
    this.#bytes += entry.bytes;
  }

  get(id: string): BacklogEntry | undefined {
    return this.#entries.get(id);
  }

  remove(id: string): void {
    this.#bytes -= this.#entries.get(id)?.bytes ?? 0;
    this.#entries.delete(id);
  }

  *digests(): Iterable<Buffer> {
    for (const { digests } of this.#entries.values()) yield digests;
  }
}
