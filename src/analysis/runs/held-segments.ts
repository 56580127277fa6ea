import type { HeldSpans, RunSpan } from '../../storage/run-store.ts';

/** Memory for spans that were stored last: two full segments and more. */
const BYTES_MAX = 64 * 1024 * 1024;
/** Who has not gone on by then is read from the store again. */
const KEEP_MS = 60_000;

interface Entry {
  readonly spans: HeldSpans;
  readonly sinceMs: number;
}

/**
 * The spans of the segments that were stored last, so that most traces are analysed without being read back. Bounded in
 * bytes and time; what is not here is in the store.
 */
export class HeldSegments {
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  add(segmentId: string, spans: HeldSpans, nowMs: number): void {
    if (this.#entries.has(segmentId)) return;
    this.#entries.set(segmentId, { spans, sinceMs: nowMs });
    this.#bytes += spans.bytes;
    this.#drop(() => this.#bytes > BYTES_MAX);
  }

  /** Lets go of what is old. */
  expire(nowMs: number): void {
    this.#drop(({ sinceMs }) => nowMs - sinceMs > KEEP_MS);
  }

  /** The trace's spans in all of the segments; undefined when one of those is not held. */
  spansOf(
    project: string,
    traceId: string,
    segmentIds: readonly string[],
  ): readonly RunSpan[] | undefined {
    let all: readonly RunSpan[] = [];
    for (const id of segmentIds) {
      const held = this.#entries.get(id)?.spans;
      if (held === undefined) return undefined;
      const spans = held.spansOf(project, traceId);
      all = all.length === 0 ? spans : [...all, ...spans];
    }
    return all;
  }

  #drop(isDue: (entry: Entry) => boolean): void {
    for (const [id, entry] of this.#entries) {
      if (!isDue(entry)) return;
      this.#entries.delete(id);
      this.#bytes -= entry.spans.bytes;
    }
  }
}
