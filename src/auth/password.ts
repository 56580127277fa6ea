import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

import { AppError } from '../errors.ts';

interface ScryptCost {
  /** Base-2 logarithm of the CPU and memory cost. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** 64 MiB and two passes: as strong as what OWASP recommends (https://cheatsheetseries.owasp.org). */
const COST: ScryptCost = { ln: 16, r: 8, p: 2 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Each takes 64 MiB and a thread for some hundred milliseconds. */
const AT_ONCE = 2;
const WAITING_MAX = 32;

/** Answers `$scrypt$ln=16,r=8,p=2$<salt>$<hash>`, base64 without padding. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${unpadded(salt)}$${unpadded(hash)}`;
}

export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(stored);
  if (match === null) return false;
  const [, ln, r, p, salt, hash] = match;
  const expected = Buffer.from(hash!, 'base64');
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt!, 'base64'), cost);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** Takes as long as a verification, so that an answer's time does not tell which usernames exist. */
export async function verifyNothing(password: string): Promise<false> {
  await derive(password, Buffer.alloc(SALT_BYTES), COST);
  return false;
}

let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, { ln, r, p }: ScryptCost): Promise<Buffer> {
  if (running >= AT_ONCE) {
    if (waiting.length >= WAITING_MAX) {
      throw new AppError('RATE_LIMITED', 'too many logins at once; try again in a few seconds', {
        retryAfterSeconds: 5,
      });
    }
    await new Promise<void>((proceed) => {
      waiting.push(proceed);
    });
  } else {
    running += 1;
  }
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const N = 2 ** ln;
      const options = { N, r, p, maxmem: 256 * N * r };
      // Two ways to type one letter with its accent are one password.
      scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      });
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
