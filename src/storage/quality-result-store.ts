import type { QualityOutcome, QualityResult, QualitySource, Severity } from '../model/quality.ts';

/** All that is given must hold. */
export interface QualityFilter {
  /** Milliseconds since 1970 UTC: from, inclusive, and to, exclusive; of `startNs`. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly agent?: string | undefined;
  readonly name?: string | undefined;
  readonly source?: QualitySource | undefined;
  readonly outcome?: QualityOutcome | undefined;
  readonly severity?: Severity | undefined;
  readonly traceId?: string | undefined;
  readonly runId?: string | undefined;
}

/** As `QualityFilter`, by whole days in UTC, as `2026-11-20`. */
export type QualityCountFilter = Pick<QualityFilter, 'agent' | 'name' | 'source' | 'severity'> & {
  /** Inclusive. */
  readonly fromDay?: string | undefined;
  /** Inclusive. */
  readonly toDay?: string | undefined;
};

/** A result's place in the order newest start first. */
export type QualityPosition = Pick<
  QualityResult,
  'startNs' | 'traceId' | 'runId' | 'source' | 'name' | 'key'
>;

export const QUALITY_GROUPS = ['agent', 'source', 'name', 'severity', 'day'] as const;
export type QualityGroup = (typeof QUALITY_GROUPS)[number];

/** How many results a group has, by outcome. A field that was not grouped by is ''. */
export interface QualityCount {
  readonly agent: string;
  readonly source: QualitySource | '';
  readonly name: string;
  readonly severity: Severity | '';
  /** In UTC, as `2026-11-20`. */
  readonly day: string;
  readonly passed: number;
  readonly failed: number;
  readonly scored: number;
  readonly unjudged: number;
  /** Of the scores there are; null when there is none. */
  readonly meanScore: number | null;
}

/** The results of a source about a run: what is stored of them and not put again is withdrawn. */
export interface QualityScope {
  readonly project: string;
  readonly traceId: string;
  readonly runId: string;
  readonly source: QualitySource;
}

/**
 * Results of quality checks. One result stands under its run, source, name and key; without a run under its agent in
 * place of the run. Every answer MUST be of the one project asked for.
 */
export interface QualityResultStore {
  /**
   * Keeps the results, each in place of the one that stands there, and withdraws what the scopes name. Putting the same
   * twice MUST change nothing. Calls at once are made one after the other; a failed one may have kept all or nothing.
   */
  put(results: readonly QualityResult[], scopes?: readonly QualityScope[]): Promise<void>;

  /** Newest start first; `limit` at most, and whether there are more. */
  find(
    project: string,
    query: {
      readonly filter: QualityFilter;
      readonly after: QualityPosition | undefined;
      readonly limit: number;
    },
  ): Promise<{ readonly results: readonly QualityResult[]; readonly more: boolean }>;

  /** Counts by the groups named, in their order. MUST NOT take longer for more results of the same groups and days. */
  count(
    project: string,
    filter: QualityCountFilter,
    groups: readonly QualityGroup[],
  ): Promise<readonly QualityCount[]>;
}
