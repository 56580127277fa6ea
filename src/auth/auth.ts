import type { Clock } from '../base/clock.ts';
import type { Actor } from '../storage/audit-log.ts';
import type { ControlStore } from '../storage/control-store.ts';
import { ACCESS_TOKEN_SECONDS, createAccessTokens } from './access-token.ts';
import { createAccounts, type Accounts } from './accounts.ts';
import { createApiKeys, type ApiKeys } from './api-keys.ts';
import {
  createAuthenticator,
  createTelemetryAuthorizer,
  type Authenticator,
  type TelemetryAuthorizer,
} from './authenticator.ts';
import { createLogins, type Logins } from './logins.ts';
import { DEFAULT_PROJECT } from './principal.ts';
import { createSigningKeyRing } from './signing-key-ring.ts';

export interface AuthOptions {
  readonly store: Pick<ControlStore, 'users' | 'sessions' | 'keys' | 'signingKeys'>;
  readonly clock: Clock;
  /** Whether the server listens on loopback addresses only: then telemetry from this machine needs no credential. */
  readonly loopbackOnly: boolean;
}

/** All of who may do what, over one store. */
export interface Auth {
  readonly authenticator: Authenticator;
  readonly telemetryAuthorizer: TelemetryAuthorizer;
  readonly accounts: Accounts;
  readonly logins: Logins;
  readonly apiKeys: ApiKeys;
  /** Signs access tokens with a new key from now on; with `endTokens` those that are out end at once. */
  rotateSigningKey(
    options: { readonly endTokens: boolean },
    actor: Actor,
  ): Promise<{ readonly id: string; readonly createdAtMs: number }>;
}

export function createAuth({ store, clock, loopbackOnly }: AuthOptions): Auth {
  const ring = createSigningKeyRing({
    store: store.signingKeys,
    clock,
    tokenLifeMs: ACCESS_TOKEN_SECONDS * 1_000,
    project: DEFAULT_PROJECT,
  });
  const tokens = createAccessTokens({ ring, clock });
  const { users, sessions, keys } = store;
  const authenticator = createAuthenticator({ users, sessions, keys, tokens, clock });
  const forget = () => authenticator.forget();
  return {
    authenticator,
    telemetryAuthorizer: createTelemetryAuthorizer({ authenticator, loopbackOnly }),
    accounts: createAccounts({ store: users, clock, onRemoved: forget }),
    logins: createLogins({ users, sessions, tokens, clock, onSessionClosed: forget }),
    apiKeys: createApiKeys({ store: keys, clock, onRevoked: forget }),
    async rotateSigningKey(options, actor) {
      const key = await ring.rotate(options, actor);
      forget();
      return { id: key.id, createdAtMs: key.createdAtMs };
    },
  };
}
