import type { Clock } from '../base/clock.ts';
import { randomId } from '../base/random-id.ts';
import { AppError } from '../errors.ts';
import type { ApiKey, KeyStore } from '../storage/key-store.ts';
import { actorOf, type Principal } from './principal.ts';
import { holds, type Scope } from './scope.ts';
import { createSecret, hashSecret } from './secret.ts';

const DAY_MS = 86_400_000;
const PREFIX_LENGTH = 'sbx_'.length + 6;

export interface NewApiKey {
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** Lives until it is revoked when absent: exporters send static headers. */
  readonly expiresInDays?: number | undefined;
  /** Made up unless given; then it must be as hard to guess as one of ours. */
  readonly secret?: string | undefined;
}

export interface ApiKeys {
  /**
   * Answers the secret, which is stored nowhere. Throws `FORBIDDEN` when the creator does not hold a scope that it
   * grants. A key made with a key ends no later than it, and is revoked with it.
   */
  create(
    key: NewApiKey,
    creator: Principal,
  ): Promise<{ readonly key: ApiKey; readonly secret: string }>;

  /** Those that the principal made; for an administrator all of the project. */
  list(principal: Principal): Promise<readonly ApiKey[]>;

  /** Answers the ids that are revoked now. Throws `NOT_FOUND` for what the principal may not see. */
  revoke(id: string, principal: Principal): Promise<readonly string[]>;
}

interface ApiKeysOptions {
  readonly store: KeyStore;
  readonly clock: Clock;
  readonly onRevoked: () => void;
}

export function createApiKeys({ store, clock, onRevoked }: ApiKeysOptions): ApiKeys {
  return {
    async create({ label, scopes, expiresInDays, secret = createSecret('sbx') }, creator) {
      const missing = scopes.filter((scope) => !holds(creator.scopes, scope));
      if (missing.length > 0) {
        throw new AppError(
          'FORBIDDEN',
          `${creator.name} cannot grant ${missing.join(', ')}: a key can be given only scopes that its creator holds`,
        );
      }
      const nowMs = clock.now();
      const key: ApiKey = {
        id: randomId('key'),
        project: creator.project,
        label,
        prefix: secret.slice(0, PREFIX_LENGTH),
        scopes: [...new Set(scopes)],
        createdBy: creator.id,
        createdAtMs: nowMs,
        expiresAtMs: endOf(nowMs, expiresInDays, creator),
        revokedAtMs: null,
        lastUsedAtMs: null,
      };
      await store.create(key, hashSecret(secret), {
        project: key.project,
        atMs: nowMs,
        actor: actorOf(creator),
        action: 'api_key.created',
        target: { kind: 'api_key', id: key.id },
        reason: null,
        detail: { label, scopes: key.scopes, expires_at_ms: key.expiresAtMs },
      });
      return { key, secret };
    },

    list: (principal) =>
      store.list(principal.project, holds(principal.scopes, 'admin') ? undefined : principal.id),

    async revoke(id, principal) {
      const key = await store.get(principal.project, id);
      const visible = holds(principal.scopes, 'admin') || key?.createdBy === principal.id;
      if (key === undefined || !visible) throw new AppError('NOT_FOUND', `there is no key ${id}`);
      const revoked = await store.revoke(principal.project, id, {
        project: principal.project,
        atMs: clock.now(),
        actor: actorOf(principal),
        action: 'api_key.revoked',
        target: { kind: 'api_key', id },
        reason: null,
        detail: { label: key.label },
      });
      onRevoked();
      if (revoked.length === 0) {
        throw new AppError('NOT_FOUND', `the key ${id} was revoked before`);
      }
      return revoked;
    },
  };
}

/** Only the end of another key binds: a sign-in that ends is renewed. */
function endOf(nowMs: number, days: number | undefined, creator: Principal): number | null {
  const wanted = days === undefined ? null : nowMs + days * DAY_MS;
  const bound = creator.kind === 'api_key' ? creator.expiresAtMs : null;
  if (wanted === null || bound === null) return wanted ?? bound;
  return Math.min(wanted, bound);
}
