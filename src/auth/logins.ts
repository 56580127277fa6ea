import type { Clock } from '../base/clock.ts';
import { randomId } from '../base/random-id.ts';
import { AppError } from '../errors.ts';
import type { SessionStore } from '../storage/session-store.ts';
import type { User, UserStore } from '../storage/user-store.ts';
import { ACCESS_TOKEN_SECONDS, type AccessTokens } from './access-token.ts';
import { createAttemptLimit, type AttemptLimit } from './attempt-limit.ts';
import { verifyNothing, verifyPassword } from './password.ts';
import { createSecret, hashSecret } from './secret.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const REFRESH_LIFE_MS = 30 * DAY_MS;
export const WEB_SESSION_LIFE_MS = 7 * DAY_MS;
const LINK_LIFE_MS = 60 * MINUTE_MS;
const LIMIT_WINDOW_MS = 15 * MINUTE_MS;
const REMOVE_EXPIRED_EVERY_MS = 60 * MINUTE_MS;

/** The answer to a login, in the words of RFC 6749 §5.1. */
export interface TokenPair {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: 'bearer';
  readonly expires_in: number;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** The peer's address: wrong passwords are counted by username and address. */
  readonly address: string;
}

/**
 * Signs users in and keeps them signed in. Wrong or ended credentials throw `UNAUTHORIZED`; too many attempts
 * `RATE_LIMITED`.
 */
export interface Logins {
  login(credentials: Credentials): Promise<TokenPair>;

  /** A refresh token serves once; one that comes again ends every token of its login. */
  refresh(refreshToken: string, address: string): Promise<TokenPair>;

  /** Answers the secret of a session for the cookie of a browser. */
  openWebSession(credentials: Credentials): Promise<string>;

  /** As `openWebSession`, for the token of a sign-in link. */
  openWebSessionByLink(linkToken: string, address: string): Promise<string>;

  closeWebSession(secret: string): Promise<void>;

  /** Answers a token that signs the user in once, within the next hour. */
  createSignInLink(username: string): Promise<string>;
}

interface LoginsOptions {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  readonly onSessionClosed: () => void;
}

export function createLogins(options: LoginsOptions): Logins {
  const { users, sessions, tokens, clock } = options;
  const check = createPasswordCheck(users, clock);
  const perAddress = createAttemptLimit({ clock, attemptsMax: 60, windowMs: MINUTE_MS });
  let expiredRemovedAtMs = clock.now();

  const removeExpired = async () => {
    if (clock.now() - expiredRemovedAtMs < REMOVE_EXPIRED_EVERY_MS) return;
    expiredRemovedAtMs = clock.now();
    await sessions.removeExpired(clock.now());
  };

  const pairFor = async (userId: string, refreshToken: string): Promise<TokenPair> => ({
    access_token: await tokens.sign(userId),
    refresh_token: refreshToken,
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_SECONDS,
  });

  return {
    async login(credentials) {
      const user = await check(credentials);
      const secret = createSecret('sbr');
      await sessions.createRefreshToken({
        tokenHash: hashSecret(secret),
        family: randomId('fam'),
        userId: user.id,
        expiresAtMs: clock.now() + REFRESH_LIFE_MS,
      });
      await removeExpired();
      return pairFor(user.id, secret);
    },

    async refresh(refreshToken, address) {
      perAddress.take(address);
      const secret = createSecret('sbr');
      const outcome = await sessions.rotateRefreshToken(
        hashSecret(refreshToken),
        { tokenHash: hashSecret(secret), expiresAtMs: clock.now() + REFRESH_LIFE_MS },
        clock.now(),
      );
      if (outcome.kind === 'rotated') return pairFor(outcome.userId, secret);
      throw new AppError(
        'UNAUTHORIZED',
        outcome.kind === 'reused'
          ? 'the refresh token was used before, so its login has been ended; log in again'
          : 'the refresh token is unknown or has expired; log in again',
      );
    },

    ...webSessions({ options, check, perAddress, removeExpired }),
  };
}

interface WebSessionOptions {
  readonly options: LoginsOptions;
  readonly check: (credentials: Credentials) => Promise<User>;
  readonly perAddress: AttemptLimit;
  readonly removeExpired: () => Promise<void>;
}

function webSessions({
  options: { users, sessions, clock, onSessionClosed },
  check,
  perAddress,
  removeExpired,
}: WebSessionOptions): Omit<Logins, 'login' | 'refresh'> {
  const openWebSessionFor = async (userId: string): Promise<string> => {
    const secret = createSecret('sbs');
    const expiresAtMs = clock.now() + WEB_SESSION_LIFE_MS;
    await sessions.createWebSession({ tokenHash: hashSecret(secret), userId, expiresAtMs });
    await removeExpired();
    return secret;
  };

  return {
    openWebSession: async (credentials) => openWebSessionFor((await check(credentials)).id),

    async openWebSessionByLink(linkToken, address) {
      perAddress.take(address);
      const link = await sessions.takeSignInLink(hashSecret(linkToken), clock.now());
      if (link === undefined) {
        throw new AppError('UNAUTHORIZED', 'the sign-in link is unknown, used or has expired');
      }
      return openWebSessionFor(link.userId);
    },

    async closeWebSession(secret) {
      await sessions.removeWebSession(hashSecret(secret));
      onSessionClosed();
    },

    async createSignInLink(username) {
      const user = await users.getByUsername(username);
      if (user === undefined) throw new AppError('NOT_FOUND', `there is no user ${username}`);
      const secret = createSecret('sbl');
      const expiresAtMs = clock.now() + LINK_LIFE_MS;
      await sessions.createSignInLink({
        tokenHash: hashSecret(secret),
        userId: user.id,
        expiresAtMs,
      });
      return secret;
    },
  };
}

function createPasswordCheck(users: UserStore, clock: Clock) {
  const perName = createAttemptLimit({ clock, attemptsMax: 5, windowMs: LIMIT_WINDOW_MS });
  const perAddress = createAttemptLimit({ clock, attemptsMax: 60, windowMs: LIMIT_WINDOW_MS });
  return async ({ username, password, address }: Credentials): Promise<User> => {
    const name = `${username.toLowerCase()} ${address}`;
    perName.take(name);
    perAddress.take(address);
    const user = await users.getByUsername(username);
    const correct =
      user === undefined
        ? await verifyNothing(password)
        : await verifyPassword(password, user.passwordHash);
    if (user === undefined || !correct) {
      throw new AppError('UNAUTHORIZED', 'the username or the password is wrong');
    }
    perName.forgive(name);
    perAddress.giveBack(address);
    return user;
  };
}
