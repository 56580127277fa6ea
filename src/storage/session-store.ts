/**
 * What keeps a user signed in. Only SHA-256 hashes of the secrets are stored.
 * All times are milliseconds since 1970 UTC.
 */

export interface RefreshToken {
  readonly tokenHash: string;
  /** The login that it goes back to; all tokens of a family end together. */
  readonly family: string;
  readonly userId: string;
  readonly expiresAtMs: number;
}

export interface WebSession {
  readonly tokenHash: string;
  readonly userId: string;
  readonly expiresAtMs: number;
}

export interface SignInLink {
  readonly tokenHash: string;
  readonly userId: string;
  readonly expiresAtMs: number;
}

export type RefreshOutcome =
  | { readonly kind: 'rotated'; readonly userId: string }
  /** The token was used before: its whole family is now ended. */
  | { readonly kind: 'reused'; readonly userId: string }
  | { readonly kind: 'unknown' };

export interface SessionStore {
  createRefreshToken(token: RefreshToken): Promise<void>;

  /**
   * Exchanges a token that is unused and unexpired for its successor of the same family and user.
   * Of two exchanges of one token at once, one MUST succeed and the other MUST see it as reused.
   */
  rotateRefreshToken(
    tokenHash: string,
    successor: { readonly tokenHash: string; readonly expiresAtMs: number },
    nowMs: number,
  ): Promise<RefreshOutcome>;

  createWebSession(session: WebSession): Promise<void>;

  /** The session, unless it has expired. */
  getWebSession(tokenHash: string, nowMs: number): Promise<WebSession | undefined>;

  removeWebSession(tokenHash: string): Promise<void>;

  createSignInLink(link: SignInLink): Promise<void>;

  /** Takes the link, so that it serves once; undefined when it is unknown, used or expired. */
  takeSignInLink(tokenHash: string, nowMs: number): Promise<SignInLink | undefined>;

  /** Removes what expired before `nowMs`. */
  removeExpired(nowMs: number): Promise<void>;
}
