import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits behind a prefix that tells people and secret scanners what it is. */
export function createSecret(prefix: 'sbx' | 'sbr' | 'sbs' | 'sbl'): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a secret. It has 256 random bits, so a fast hash is enough. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
