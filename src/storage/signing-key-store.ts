import type { AuditEntry } from './audit-log.ts';

/** A secret that signs access tokens. */
export interface SigningKey {
  /** The `kid` of the tokens that it signed. */
  readonly id: string;
  /** 256 random bits, base64url. */
  readonly secret: string;
  readonly createdAtMs: number;
  /** From when on it no longer signs, and when its tokens end; null while it signs. */
  readonly retiredAtMs: number | null;
  readonly verifiesUntilMs: number | null;
}

export interface SigningKeyStore {
  /** Every key that still signs or verifies at `nowMs`, newest first. */
  list(nowMs: number): Promise<readonly SigningKey[]>;

  /** Adds the key unless one signs already. Two replicas that start at once MAY both add theirs: both verify. */
  createFirst(key: SigningKey): Promise<void>;

  /** Adds the new key and retires the others: none of them verifies after `verifiesUntilMs`. */
  rotate(key: SigningKey, verifiesUntilMs: number, entry: AuditEntry): Promise<void>;
}
