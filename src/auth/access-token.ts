import { errors, jwtVerify, SignJWT } from 'jose';

import type { Clock } from '../base/clock.ts';
import { AppError } from '../errors.ts';
import type { SigningKeyRing } from './signing-key-ring.ts';

export const ACCESS_TOKEN_SECONDS = 3_600;
const ISSUER = 'signalbox';

/** Short-lived JWTs (HS256) that name a user; what the user may do is looked up when they are used. */
export interface AccessTokens {
  sign(userId: string): Promise<string>;
  /** Throws `UNAUTHORIZED` when the token is not ours, was altered or has ended. */
  verify(token: string): Promise<{ readonly userId: string; readonly expiresAtMs: number }>;
}

interface AccessTokensOptions {
  readonly ring: SigningKeyRing;
  readonly clock: Clock;
}

export function createAccessTokens({ ring, clock }: AccessTokensOptions): AccessTokens {
  return {
    async sign(userId) {
      const key = await ring.current();
      const nowSeconds = Math.floor(clock.now() / 1_000);
      return new SignJWT()
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: key.id })
        .setIssuer(ISSUER)
        .setSubject(userId)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + ACCESS_TOKEN_SECONDS)
        .sign(secretBytes(key.secret));
    },

    async verify(token) {
      try {
        const { payload } = await jwtVerify(
          token,
          async ({ kid }) => {
            const key = kid === undefined ? undefined : await ring.get(kid);
            if (key === undefined) throw refused('it was signed with an unknown or ended key');
            return secretBytes(key.secret);
          },
          {
            algorithms: ['HS256'],
            issuer: ISSUER,
            requiredClaims: ['sub', 'exp'],
            currentDate: new Date(clock.now()),
          },
        );
        return { userId: payload.sub!, expiresAtMs: payload.exp! * 1_000 };
      } catch (error) {
        if (error instanceof errors.JWTExpired) {
          throw refused('it has expired; get a new one with POST /auth/refresh');
        }
        if (error instanceof errors.JOSEError) throw refused('it is not one of this server');
        throw error;
      }
    },
  };
}

const secretBytes = (secret: string): Uint8Array => Buffer.from(secret, 'base64url');

const refused = (why: string): AppError =>
  new AppError('UNAUTHORIZED', `the access token is refused: ${why}`);
