/** What is kept for so long and then removed: signals with their own terms. */
export const RETENTION_KINDS = ['spans', 'log_records', 'metrics', 'runs'] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];

/** Rows of a kind that came in the same day, or month where a kind is kept by months. Removed together or not at all. */
export interface StoredSpell {
  readonly kind: RetentionKind;
  /** Names it to `remove`. */
  readonly id: string;
  /** When they came: milliseconds since 1970 UTC, from inclusive, to exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Of all projects together: what came at the same time lies together. */
export interface RetentionStore {
  /** By kind, oldest first. */
  list(): Promise<readonly StoredSpell[]>;

  /** MUST remove nothing that came at another time. Removing what is gone already MUST change nothing. */
  remove(spell: StoredSpell): Promise<void>;

  /** Removes large values that no row which came at or after `ms` has. */
  removeValuesBefore(ms: number): Promise<void>;

  /**
   * Removes the resources and scopes that came before `ms` and that no span, log record or data point is of any more. At most
   * some ten thousand of each, so that the work is bounded; the rest is there the next time. What comes again before it is
   * removed MUST stay.
   */
  removeUnreferred(ms: number): Promise<void>;
}
