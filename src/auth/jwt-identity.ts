import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../errors.ts';

export interface JwtIdentityOptions {
  /** Where the issuer publishes its keys (RFC 7517). */
  readonly jwksUrl: string;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** The claim that names who sends the token. */
  readonly claim: string;
  readonly clock: Clock;
}

/** Answers the name that a token of another issuer is for. Throws `UNAUTHORIZED`. */
export type JwtIdentity = (token: string) => Promise<string>;

const NAME_LENGTH_MAX = 256;
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'EdDSA',
];

/** Keys are fetched when needed and kept; a token must end, and be signed with a key of the issuer. */
export function createJwtIdentity(options: JwtIdentityOptions): JwtIdentity {
  const keys = createRemoteJWKSet(new URL(options.jwksUrl), {
    timeoutDuration: 5_000,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
  });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        requiredClaims: ['exp'],
        clockTolerance: 30,
        currentDate: new Date(options.clock.now()),
        ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
        ...(options.audience === undefined ? {} : { audience: options.audience }),
      });
      const name = payload[options.claim];
      if (typeof name === 'string' && name !== '' && name.length <= NAME_LENGTH_MAX) return name;
      throw refused(`it has no claim ${options.claim}`);
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (error instanceof errors.JWTExpired) throw refused('it has expired');
      if (error instanceof errors.JWKSTimeout) throw refused('its issuer does not answer');
      throw refused(messageOf(error));
    }
  };
}

const refused = (why: string): AppError =>
  new AppError('UNAUTHORIZED', `the token is refused: ${why}`);
