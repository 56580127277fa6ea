import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { withFileLock } from '../base/file-lock.ts';
import { chainEvent, signHead } from '../base/hash-chain.ts';
import type { ChainPlace } from '../base/hash-chain.ts';
import { makeDirectory } from '../base/make-directory.ts';
import { redactJson } from '../model/secrets.ts';
import { genesisOf } from './session-event.ts';
import type { NewEvent, SessionMeta, StoredEvent } from './session-event.ts';
import type { SigningKey } from '../base/signing-key.ts';
import { canonicalJson, genesisHashOf } from '../base/verifier.ts';
import type { JsonObject, SignedHead } from '../base/verifier.ts';

/**
 * Writes sessions. An event is in `events.ndjson` on the disk, and the head that counts it signed in `head.json`, before
 * the write returns. The cost of an append does not depend on how long a session is.
 */

/** How long a writer waits for another one of the same session. */
const LOCK_TIMEOUT_MS = 5_000;
/** A text in an event is cut here, so that one result does not make a session unreadable. */
const TEXT_MAX = 256 * 1024;

export interface WriteOptions {
  readonly key: SigningKey;
  /** Nanoseconds since 1970 UTC. */
  readonly nowNs: () => bigint;
  /** Keep what looks like a secret; it is replaced otherwise. */
  readonly keepSecrets?: boolean | undefined;
}

/** Ids are names of folders, and come from other programs. */
export function isSessionId(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,127}$/.test(text);
}

/** Makes a session, or finds that it is there already; the first to make it decides its meta. */
export function createSession(root: string, meta: SessionMeta): string {
  const directory = join(root, meta.session_id);
  const path = join(directory, 'meta.json');
  if (existsSync(path)) return directory;
  makeDirectory(directory, 0o700);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(meta, null, 2)}\n`, { mode: 0o600 });
  withFileLock(join(directory, 'lock'), LOCK_TIMEOUT_MS, () => {
    if (!existsSync(path)) renameSync(draft, path);
  });
  return directory;
}

/**
 * Appends events to a session and returns them as stored. Writers wait for each other; throws when another one
 * does not make way, so that nothing is lost silently.
 */
export function appendEvents(
  directory: string,
  events: readonly NewEvent[],
  options: WriteOptions,
): readonly StoredEvent[] {
  const stored = withFileLock(join(directory, 'lock'), LOCK_TIMEOUT_MS, () =>
    appendLocked(directory, events, options),
  );
  if (stored === undefined) throw new Error(`another process does not let go of ${directory}`);
  return stored;
}

function appendLocked(
  directory: string,
  events: readonly NewEvent[],
  options: WriteOptions,
): readonly StoredEvent[] {
  if (events.length === 0) return [];
  const meta = readMeta(directory);
  const genesisHash = genesisHashOf(genesisOf(meta) as unknown as JsonObject);
  const file = openSync(join(directory, 'events.ndjson'), 'a', 0o600);
  try {
    const head = settleHead(directory, file);
    let count = head?.count ?? 0;
    // What was signed for is what the next event follows, whatever stands in the file: a change there stays visible.
    let hash = head?.hash ?? genesisHash;
    const stored = events.map((event) => {
      count += 1;
      const place = { sessionId: meta.session_id, seq: count, previous: hash };
      const next = storedEvent(event, place, options);
      hash = next.hash;
      return next;
    });
    const lines = stored.map((event) => `${canonicalJson(event as unknown as JsonObject)}\n`);
    const bytes = Buffer.from(lines.join(''), 'utf8');
    const newHead: HeadFile = {
      ...signHead(options.key, { sessionId: meta.session_id, genesisHash, count, hash }),
      bytes: fstatSync(file).size + bytes.length,
    };
    // The head waits beside the old one until its events are on the disk: after a crash one of the two is right.
    const path = join(directory, 'head.json');
    writeFileSync(`${path}.next`, `${JSON.stringify(newHead)}\n`, { mode: 0o600 });
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fdatasyncSync(file);
    renameSync(`${path}.next`, path);
    return stored;
  } finally {
    closeSync(file);
  }
}

/** The signed head, and how many bytes of `events.ndjson` it counts. */
interface HeadFile extends SignedHead {
  readonly bytes: number;
}

/**
 * The head that the next event follows; undefined for a new session. What a crash left behind it, half a line or
 * events without a signature, was never acknowledged: it is set aside in `torn.txt`.
 */
function settleHead(directory: string, file: number): HeadFile | undefined {
  const path = join(directory, 'head.json');
  const head = readHeadFile(path);
  const next = readHeadFile(`${path}.next`);
  const { size } = fstatSync(file);
  if (next !== undefined && next.bytes === size && next.count > (head?.count ?? 0)) {
    renameSync(`${path}.next`, path);
    return next;
  }
  // Without any head the events stay where they are; verifying tells that it is gone.
  const signed = head?.bytes ?? (next === undefined ? size : 0);
  if (size > signed) {
    const events = join(directory, 'events.ndjson');
    const torn = readFileSync(events).subarray(signed);
    appendFileSync(join(directory, 'torn.txt'), Buffer.concat([torn, Buffer.from('\n')]), {
      mode: 0o600,
    });
    truncateSync(events, signed);
  }
  return head;
}

function readHeadFile(path: string): HeadFile | undefined {
  try {
    const head = JSON.parse(readFileSync(path, 'utf8')) as HeadFile;
    return Number.isSafeInteger(head.count) && Number.isSafeInteger(head.bytes) ? head : undefined;
  } catch {
    return undefined;
  }
}

function storedEvent(event: NewEvent, place: ChainPlace, options: WriteOptions): StoredEvent {
  const bounded = boundTexts(event.data, 0) as JsonObject;
  const data = options.keepSecrets === true ? bounded : (redactJson(bounded) as JsonObject);
  const whole = {
    type: event.type,
    id: event.id ?? randomBytes(8).toString('hex'),
    parentId: event.parentId ?? '',
    timeNs: event.timeNs ?? options.nowNs(),
    durationMs: event.durationMs,
    data,
  };
  return chainEvent(whole, place);
}

const DEPTH_MAX = 64;

/** A copy of a JSON value with texts of a bounded length and well-formed, which hashes the same wherever it is read. */
function boundTexts(value: unknown, depth: number): unknown {
  if (typeof value === 'string') {
    const cut =
      value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)}… (${value.length} characters)` : value;
    return cut.replaceAll(/\p{Cs}/gu, '\uFFFD');
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (depth >= DEPTH_MAX) return '…';
  if (Array.isArray(value)) return value.map((item) => boundTexts(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [boundTexts(key, depth), boundTexts(item, depth + 1)]),
  );
}

export function readMeta(directory: string): SessionMeta {
  return JSON.parse(readFileSync(join(directory, 'meta.json'), 'utf8')) as SessionMeta;
}
