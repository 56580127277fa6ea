import type { PriceOverride } from '../model/price-override.ts';
import type { Actor, AuditEntry } from './audit-log.ts';

/** A version of an override, as it was set or taken away. */
export interface PriceVersion {
  readonly override: PriceOverride;
  /** The override holds no more; its terms are those of the version before. */
  readonly removed: boolean;
  readonly atMs: number;
  readonly by: Actor['name'];
}

/** Prices that users set. What was set stays: a change and a removal are versions more. */
export interface PriceStore {
  /** The newest version of every override of every project, but of those that were removed. */
  listCurrent(): Promise<readonly PriceOverride[]>;

  /** All versions, the newest first; none when there never was such an override. */
  listVersions(project: string, id: string): Promise<readonly PriceVersion[]>;

  /**
   * Keeps a version and its audit entry. Resolves to false, and keeps neither, when there is one of that number
   * already: somebody else was faster.
   */
  append(version: PriceVersion, entry: AuditEntry): Promise<boolean>;
}
