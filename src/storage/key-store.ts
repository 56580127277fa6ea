import type { AuditEntry } from './audit-log.ts';

export interface ApiKey {
  readonly id: string;
  readonly project: string;
  readonly label: string;
  /** The first characters of the secret, by which people recognise it. */
  readonly prefix: string;
  readonly scopes: readonly string[];
  /** The user or the key that made it; `system` for Signalbox itself. */
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** Null: lives until it is revoked. */
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  readonly lastUsedAtMs: number | null;
}

export interface KeyStore {
  create(key: ApiKey, secretHash: string, entry: AuditEntry): Promise<void>;

  /** The key of a secret, also when it is revoked or expired: the caller decides. */
  getByHash(secretHash: string): Promise<ApiKey | undefined>;

  get(project: string, id: string): Promise<ApiKey | undefined>;

  /** Newest first, without the revoked ones; of one creator when given. */
  list(project: string, createdBy?: string): Promise<readonly ApiKey[]>;

  /**
   * Revokes a key and every key that was made with it, however remotely, in one transaction.
   * Resolves to the ids that were revoked now; none when the key is not there or was revoked before.
   */
  revoke(project: string, id: string, entry: AuditEntry): Promise<readonly string[]>;

  recordUse(id: string, atMs: number): Promise<void>;
}
