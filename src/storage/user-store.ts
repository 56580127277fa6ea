import type { AuditEntry } from './audit-log.ts';

/** Someone who can log in: a person, or a program with a service account. */
export interface User {
  readonly id: string;
  readonly project: string;
  readonly kind: 'person' | 'service';
  /** Unique; compared without regard to case. */
  readonly username: string;
  readonly role: 'admin' | 'member';
  /** What a service account may do; a person's scopes follow from the role, so this is empty. */
  readonly scopes: readonly string[];
  /** A PHC-like string: `$scrypt$…`. */
  readonly passwordHash: string;
  readonly createdAtMs: number;
}

export interface UserStore {
  /** Resolves to false, and creates nothing, when the username is taken. */
  create(user: User, entry: AuditEntry): Promise<boolean>;

  get(id: string): Promise<User | undefined>;

  getByUsername(username: string): Promise<User | undefined>;

  /** By username. */
  list(project: string, kind: User['kind']): Promise<readonly User[]>;

  /** How many people may administer, in all projects. */
  countAdmins(): Promise<number>;

  /** Replaces the hash and ends every session and refresh token of the user, in one transaction. */
  changePassword(id: string, passwordHash: string, entry: AuditEntry): Promise<void>;

  /**
   * Removes the user with every session, refresh token and sign-in link, and revokes the keys it made,
   * in one transaction. Resolves to false when the user is not there.
   */
  remove(project: string, id: string, entry: AuditEntry): Promise<boolean>;
}
