import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { makeDirectory } from './make-directory.ts';
import { canonicalJson } from './verifier.ts';
import type { Json } from './verifier.ts';

/** Signs what this machine records. */
export interface SigningKey {
  /** Ed25519, 32 bytes in hex: what a verifier compares with. */
  readonly publicKey: string;
  /** Over the canonical JSON of `content`; hex. */
  sign(content: Json): string;
}

/** Where the key is kept unless a setting says otherwise. */
export const signingKeyPath = (home: string): string =>
  join(home, '.signalbox', 'session-signing-key.pem');

/** Opens the key, and makes it first when there is none; only its owner may read it. */
export function openSigningKey(path: string): SigningKey {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    pem = createKeyFile(path);
  }
  return signingKeyOf(createPrivateKey(pem));
}

function signingKeyOf(key: KeyObject): SigningKey {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: Buffer.from(x!, 'base64url').toString('hex'),
    sign: (content) => sign(null, Buffer.from(canonicalJson(content), 'utf8'), key).toString('hex'),
  };
}

/** Of several processes that make the key at once one wins, and all use its key. */
function createKeyFile(path: string): string {
  makeDirectory(dirname(path), 0o700);
  const { privateKey } = generateKeyPairSync('ed25519');
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, 'utf8');
}
