/** The append-only record of who changed what, when and why. */

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Who acts: a person, a service account, a key, or Signalbox itself. */
export interface Actor {
  readonly kind: 'user' | 'service' | 'api_key' | 'system';
  readonly id: string;
  /** As people know it: the username, the key's label. */
  readonly name: string;
}

export const SYSTEM_ACTOR: Actor = { kind: 'system', id: 'signalbox', name: 'Signalbox' };

export interface AuditEntry {
  readonly project: string;
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  readonly actor: Actor;
  /** What was done: `<noun>.<past participle>`, as `agent.reviewed`. */
  readonly action: string;
  readonly target: { readonly kind: string; readonly id: string };
  readonly reason: string | null;
  readonly detail: { readonly [key: string]: JsonValue };
}

/** An entry as it stands in the log; `sequence` grows with each entry. */
export interface AuditRecord extends AuditEntry {
  readonly sequence: number;
}

export interface AuditFilter {
  readonly action?: string | undefined;
  readonly actorId?: string | undefined;
  readonly targetKind?: string | undefined;
  readonly targetId?: string | undefined;
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
}

/**
 * A store MUST refuse to change or remove an entry, also to somebody with the database's own password.
 * The other stores take the entry of a change together with the change, and MUST keep both or neither.
 */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;

  /** Newest first, below `beforeSequence` when given; at most `limit`. */
  find(
    project: string,
    filter: AuditFilter,
    page: { readonly limit: number; readonly beforeSequence?: number | undefined },
  ): Promise<readonly AuditRecord[]>;
}
