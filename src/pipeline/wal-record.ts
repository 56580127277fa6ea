import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { SIGNALS } from '../model/signal.ts';
import type { Signal } from '../model/signal.ts';

/**
 * A record of the write-ahead log: one request, decompressed and in the protobuf encoding.
 *
 * Layout, little-endian: `u32` magic, `u32` CRC-32 of the header's other bytes, `u32` body length, `u8` signal,
 * `u8` flags (1: a dead letter on its way again), `u16` project length, `f64` arrival (ms since 1970 UTC),
 * 32 bytes digest, `u32` CRC-32 of the project, project, body.
 * The header vouches for its lengths alone, so that a damaged length is never taken for an unfinished write.
 * The digest covers signal, project and body: it finds damage, and requests that were sent again.
 */
const MAGIC = 0x314c4257;
const MAGIC_BYTES = Buffer.from([0x57, 0x42, 0x4c, 0x31]);
const FLAG_REDELIVERED = 1;
export const HEADER_BYTES = 60;
export const DIGEST_BYTES = 32;

export interface WalRecord {
  readonly signal: Signal;
  readonly project: string;
  readonly receivedAtMs: number;
  readonly digest: Buffer;
  /** It was a dead letter; once the record is durable, the letter is not needed. */
  readonly redelivered: boolean;
  readonly body: Buffer;
}

export function digestOf(signal: Signal, project: string, body: Buffer): Buffer {
  return createHash('sha256').update(`${signal}\0${project}\0`).update(body).digest();
}

/** The record's header and project; its body follows them in the log. */
export function encodeHeader(record: WalRecord): Buffer {
  const project = Buffer.from(record.project, 'utf8');
  const header = Buffer.alloc(HEADER_BYTES + project.length);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(record.body.length, 8);
  header.writeUInt8(SIGNALS.indexOf(record.signal), 12);
  header.writeUInt8(record.redelivered ? FLAG_REDELIVERED : 0, 13);
  header.writeUInt16LE(project.length, 14);
  header.writeDoubleLE(record.receivedAtMs, 16);
  record.digest.copy(header, 24, 0, DIGEST_BYTES);
  header.writeUInt32LE(crc32(project), 56);
  project.copy(header, HEADER_BYTES);
  header.writeUInt32LE(crc32(header.subarray(8, HEADER_BYTES)), 4);
  return header;
}

/** What is found at a position of a log. */
export type WalFinding =
  | { readonly kind: 'record'; readonly record: WalRecord; readonly next: number }
  /** The header is whole but what follows is not what was written; the project is '' if it is not known. */
  | { readonly kind: 'damaged'; readonly record: WalRecord; readonly next: number }
  /** The log ends inside a record: a write that was never acknowledged. */
  | { readonly kind: 'torn' }
  /** What is here, up to `next`, is no record. */
  | { readonly kind: 'unreadable'; readonly next: number }
  | { readonly kind: 'end' };

export function readRecord(log: Buffer, at: number): WalFinding {
  if (at === log.length) return { kind: 'end' };
  if (log.length - at < HEADER_BYTES) return { kind: 'torn' };
  const signal = SIGNALS[log.readUInt8(at + 12)];
  if (!isHeader(log, at) || signal === undefined) {
    // A file system may have lengthened the file without having written what is in it.
    if (isZero(log, at)) return { kind: 'torn' };
    return { kind: 'unreadable', next: findHeader(log, at + 1) };
  }
  const bodyStart = at + HEADER_BYTES + log.readUInt16LE(at + 14);
  const next = bodyStart + log.readUInt32LE(at + 8);
  if (next > log.length) return { kind: 'torn' };
  const projectBytes = log.subarray(at + HEADER_BYTES, bodyStart);
  const project =
    crc32(projectBytes) === log.readUInt32LE(at + 56) ? projectBytes.toString('utf8') : '';
  const record: WalRecord = {
    signal,
    project,
    receivedAtMs: log.readDoubleLE(at + 16),
    digest: log.subarray(at + 24, at + 24 + DIGEST_BYTES),
    redelivered: (log.readUInt8(at + 13) & FLAG_REDELIVERED) !== 0,
    body: log.subarray(bodyStart, next),
  };
  const intact = digestOf(signal, project, record.body).equals(record.digest);
  return { kind: intact ? 'record' : 'damaged', record, next };
}

function isHeader(log: Buffer, at: number): boolean {
  return (
    log.length - at >= HEADER_BYTES &&
    log.readUInt32LE(at) === MAGIC &&
    crc32(log.subarray(at + 8, at + HEADER_BYTES)) === log.readUInt32LE(at + 4)
  );
}

/** Where the next record begins, or the log's end. */
function findHeader(log: Buffer, from: number): number {
  for (let at = from; ; at++) {
    at = log.indexOf(MAGIC_BYTES, at);
    if (at === -1) return log.length;
    if (isHeader(log, at)) return at;
  }
}

function isZero(log: Buffer, from: number): boolean {
  for (let at = from; at < log.length; at++) if (log[at] !== 0) return false;
  return true;
}
