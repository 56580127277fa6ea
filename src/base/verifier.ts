import { createPublicKey, hash as digest, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * Checks recorded sessions and evidence packages. Whoever wants to know what is proven reads this file alone: it
 * needs nothing but Node's own modules. `node verifier.js PACKAGE [PUBLIC-KEY-HEX]` checks a package of up to 500 MB.
 *
 * An event's `hash` is the SHA-256 of its canonical JSON (RFC 8785) without `hash` and with `data_hash` in place of
 * `data`. It includes the hash of the event before; the first one includes the hash of the session's genesis. The
 * head, signed with Ed25519, fixes the number of events and the last hash. So no event can be changed, left out,
 * added or moved by anyone who does not have the key.
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface Break {
  /** The event's number, from 1; 0 where the fault is not one event's. */
  readonly seq: number;
  readonly event_id: string;
  readonly reason: string;
}

/** The head of a chain as it is signed. */
export interface SignedHead {
  readonly count: number;
  readonly hash: string;
  /** Ed25519, 32 bytes in hex. */
  readonly public_key: string;
  /** Over the canonical JSON of `{count, genesis_hash, hash, session_id}`; hex. */
  readonly signature: string;
}

/** JSON with sorted keys and no spaces: the same bytes for the same value. */
export function canonicalJson(value: Json | undefined): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(',')}}`;
}

const isList = (value: readonly Json[] | JsonObject): value is readonly Json[] =>
  Array.isArray(value);

export const sha256 = (text: string): string => digest('sha256', text, 'hex');

/** What binds a chain to its session: facts that never change. */
export const genesisHashOf = (genesis: JsonObject): string => sha256(canonicalJson(genesis));

export const dataHashOf = (data: Json): string => sha256(canonicalJson(data));

/** The hash of an event from all it holds but `hash` and `data`. */
export function eventHashOf(event: JsonObject): string {
  const { hash: _hash, data: _data, ...bound } = event;
  return sha256(canonicalJson(bound));
}

/** Whether `signature` is the key's over the canonical JSON of `content`. */
function isSigned(content: Json, publicKey: string, signature: string): boolean {
  if (typeof publicKey !== 'string' || typeof signature !== 'string') return false;
  if (!/^[0-9a-f]{64}$/.test(publicKey) || !/^[0-9a-f]{128}$/.test(signature)) return false;
  const x = Buffer.from(publicKey, 'hex').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const bytes = Buffer.from(canonicalJson(content), 'utf8');
  return verify(null, bytes, key, Buffer.from(signature, 'hex'));
}

/** Walks a chain event by event (`step`), then holds it against its signed head (`end`); both give the first break. */
export function walkChain(sessionId: string, genesisHash: string) {
  let count = 0;
  let last = genesisHash;
  let broken: Break | undefined;
  const fail = (event: JsonObject | undefined, reason: string): Break =>
    (broken ??= {
      seq: event === undefined ? 0 : count,
      event_id: textOf(event?.['event_id']),
      reason,
    });
  return {
    get count() {
      return count;
    },
    step(event: JsonObject | undefined): Break | undefined {
      count += 1;
      if (broken !== undefined) return broken;
      if (event === undefined) return fail({}, 'the line is not an event');
      const { hash, prev_hash: previous, seq, data_hash: dataHash } = event;
      const hashes = [hash, previous, dataHash];
      if (!hashes.every((each) => typeof each === 'string'))
        return fail(event, 'a hash is missing');
      if (event['session_id'] !== sessionId) return fail(event, 'the event is of another session');
      if (seq !== count) return fail(event, `the event says it is number ${JSON.stringify(seq)}`);
      if (previous !== last) return fail(event, 'it does not follow the event before it');
      // Data may be left out, where it was erased or is not to be shown; what is there must be what was recorded.
      if (event['data'] !== undefined && dataHashOf(event['data']) !== dataHash) {
        return fail(event, 'its data is not what was recorded');
      }
      if (eventHashOf(event) !== hash) return fail(event, 'its content does not give its hash');
      last = hash;
      return undefined;
    },
    end(head: SignedHead | undefined): Break | undefined {
      if (broken !== undefined) return broken;
      if (head === undefined) return fail(undefined, 'the signed head is missing');
      const content = {
        count: head.count,
        genesis_hash: genesisHash,
        hash: head.hash,
        session_id: sessionId,
      };
      const signed = isSigned(content, head.public_key, head.signature);
      if (!signed) return fail(undefined, 'the signature of the head is not right');
      const missing = head.count - count;
      if (missing > 0) return fail(undefined, `${missing} events at the end are missing`);
      if (missing < 0) return fail(undefined, `${-missing} events at the end are not signed for`);
      return head.hash === last
        ? undefined
        : fail(undefined, 'the last event is not the signed one');
    },
  };
}

export type PackageVerdict = ReturnType<typeof verifyPackage>;

/**
 * Recomputes everything in a package: each session's chain and head, then the signature over the hash of all the rest.
 * A package that is read as it is walked has what iterates for its lists, and comes with its hash.
 */
export function verifyPackage(evidence: JsonObject, knownKey?: string, contentHash?: string) {
  const failures: (Break & { session_id: string })[] = [];
  const fail = (session_id: string, reason: string): void =>
    void failures.push({ session_id, seq: 0, event_id: '', reason });
  const { signature, ...content } = evidence;
  const publicKey = textOf(evidence['public_key']);
  let [sessions, events] = [0, 0];
  for (const session of listOf(evidence['sessions'])) {
    sessions += 1;
    const id = textOf(session['session_id']);
    const integrity = objectOf(session['integrity']);
    const genesis = objectOf(integrity['genesis']);
    const walk = walkChain(id, genesisHashOf(genesis));
    if (genesis['session_id'] !== id) fail(id, 'the genesis is of another session');
    for (const record of listOf(integrity['records'])) walk.step(record);
    events += walk.count;
    const head = (integrity['head'] ?? undefined) as unknown as SignedHead | undefined;
    const found = walk.end(head);
    if (found !== undefined) failures.push({ session_id: id, ...found });
    else if (head!.public_key !== publicKey) fail(id, 'another key than the package has signed it');
  }
  if (sessions === 0) fail('', 'the package holds no sessions');
  const signed = { content_hash: contentHash ?? dataHashOf(content) };
  if (!isSigned(signed, publicKey, textOf(signature)))
    fail('', 'the signature of the package is not right');
  const stranger = knownKey !== undefined && knownKey !== publicKey;
  if (stranger) fail('', `the package is signed with the key ${publicKey}`);
  return {
    ok: failures.length === 0,
    checked_sessions: sessions,
    checked_events: events,
    /** Who signed; compare it with a key that you know. */
    public_key: publicKey,
    failures,
  };
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !isList(value) ? value : {};

function* listOf(value: Json | undefined): Generator<JsonObject> {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return;
  for (const item of value as Iterable<Json>) yield objectOf(item);
}

// Run by itself, it is a program.
if (process.argv[1] !== undefined && /[\\/]verifier\.[jt]s$/.test(process.argv[1])) {
  const [, , file = '', knownKey] = process.argv;
  try {
    const evidence = JSON.parse(readFileSync(file, 'utf8')) as Json;
    const verdict = verifyPackage(objectOf(evidence), knownKey);
    process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
    process.exitCode = verdict.ok ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${String(error)}\nUsage: node verifier.js PACKAGE [PUBLIC-KEY-HEX]\n`);
    process.exitCode = 2;
  }
}
