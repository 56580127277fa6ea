import { BoundedMap } from '../base/bounded-map.ts';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../errors.ts';
import type { KeyStore } from '../storage/key-store.ts';
import type { SessionStore } from '../storage/session-store.ts';
import type { User, UserStore } from '../storage/user-store.ts';
import type { AccessTokens } from './access-token.ts';
import { LOCAL_PRINCIPAL, type Principal, requireScope } from './principal.ts';
import {
  credentialOf,
  type Credential,
  isFromThisMachine,
  requireSameOrigin,
  type RequestIdentity,
  type TelemetryIdentity,
} from './request-identity.ts';
import { knownScopes, scopesOf } from './scope.ts';
import { hashSecret } from './secret.ts';

/** For so long a credential that another replica revoked may still pass here. */
const CACHE_MS = 5_000;
const CACHE_ENTRIES_MAX = 10_000;
const USE_RECORDED_EVERY_MS = 60_000;

/** Decides who a request is. Throws `UNAUTHORIZED` or `FORBIDDEN`. */
export interface Authenticator {
  authenticate(request: RequestIdentity): Promise<Principal>;
  /** Forgets what was verified, so that a revoked credential is refused from now on. */
  forget(): void;
}

/** Decides whether telemetry may come in, and to which project it belongs. */
export interface TelemetryAuthorizer {
  /** Throws `UNAUTHORIZED` or `FORBIDDEN`. */
  authorize(
    request: TelemetryIdentity,
  ): Promise<{ readonly project: string; readonly principal: Principal }>;
}

interface AuthenticatorOptions {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly keys: KeyStore;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { clock } = options;
  const verified = new BoundedMap<
    string,
    { readonly principal: Principal; readonly untilMs: number }
  >(CACHE_ENTRIES_MAX);
  let generation = 0;

  const verify = async (credential: Credential): Promise<Principal> => {
    const hash = hashSecret(credential.secret);
    const cacheKey = `${credential.kind} ${hash}`;
    const known = verified.get(cacheKey);
    if (known !== undefined && known.untilMs > clock.now()) return known.principal;
    const startedIn = generation;
    const principal = await lookUp(options, credential, hash);
    const untilMs = Math.min(clock.now() + CACHE_MS, principal.expiresAtMs ?? Infinity);
    // What was looked up before a revocation must not be remembered after it.
    if (startedIn === generation) verified.set(cacheKey, { principal, untilMs });
    return principal;
  };

  return {
    async authenticate(request) {
      const credential = credentialOf(request);
      if (credential === undefined) {
        throw new AppError(
          'UNAUTHORIZED',
          'this needs a credential; send "Authorization: Bearer" with a key or an access token, or sign in',
        );
      }
      if (credential.kind === 'cookie') requireSameOrigin(request);
      return verify(credential);
    },

    forget() {
      generation += 1;
      verified.clear();
    },
  };
}

export function createTelemetryAuthorizer(options: {
  readonly authenticator: Authenticator;
  /** Whether the server listens on loopback addresses only. */
  readonly loopbackOnly: boolean;
}): TelemetryAuthorizer {
  const { authenticator, loopbackOnly } = options;
  return {
    async authorize(request) {
      const { authorization, apiKey } = request;
      if (authorization === undefined && apiKey === undefined) {
        if (loopbackOnly && isFromThisMachine(request)) {
          return { project: LOCAL_PRINCIPAL.project, principal: LOCAL_PRINCIPAL };
        }
        throw new AppError(
          'UNAUTHORIZED',
          'telemetry needs a credential here; send "Authorization: Bearer" with a key that holds telemetry:write',
        );
      }
      const principal = await authenticator.authenticate({ authorization, apiKey, method: 'POST' });
      requireScope(principal, 'telemetry:write');
      return { project: principal.project, principal };
    },
  };
}

function lookUp(
  options: AuthenticatorOptions,
  credential: Credential,
  hash: string,
): Promise<Principal> {
  if (credential.kind === 'key') return lookUpKey(options, hash);
  if (credential.kind === 'token') return lookUpToken(options, credential.secret);
  return lookUpSession(options, hash);
}

async function lookUpKey({ keys, clock }: AuthenticatorOptions, hash: string): Promise<Principal> {
  const key = await keys.getByHash(hash);
  if (key === undefined) throw refused('the key is unknown');
  const nowMs = clock.now();
  if (key.revokedAtMs !== null) throw refused(`the key ${key.prefix}… was revoked`);
  if (key.expiresAtMs !== null && key.expiresAtMs <= nowMs) {
    throw refused(`the key ${key.prefix}… has expired`);
  }
  if (nowMs - (key.lastUsedAtMs ?? 0) >= USE_RECORDED_EVERY_MS) {
    // When it was used is for people to read: a full disk must not turn the key away.
    await keys.recordUse(key.id, nowMs).catch(() => undefined);
  }
  return {
    kind: 'api_key',
    id: key.id,
    name: key.label,
    project: key.project,
    scopes: knownScopes(key.scopes),
    expiresAtMs: key.expiresAtMs,
  };
}

async function lookUpToken(
  { tokens, users }: AuthenticatorOptions,
  token: string,
): Promise<Principal> {
  const { userId, expiresAtMs } = await tokens.verify(token);
  return principalOf(await users.get(userId), expiresAtMs);
}

async function lookUpSession(
  { sessions, users, clock }: AuthenticatorOptions,
  hash: string,
): Promise<Principal> {
  const session = await sessions.getWebSession(hash, clock.now());
  if (session === undefined) throw refused('the session has ended; sign in again');
  return principalOf(await users.get(session.userId), session.expiresAtMs);
}

function principalOf(user: User | undefined, expiresAtMs: number): Principal {
  if (user === undefined) throw refused('its account was removed');
  return {
    kind: user.kind === 'service' ? 'service' : 'user',
    id: user.id,
    name: user.username,
    project: user.project,
    scopes: scopesOf(user),
    expiresAtMs,
  };
}

const refused = (why: string): AppError =>
  new AppError('UNAUTHORIZED', `the credential is refused: ${why}`);
