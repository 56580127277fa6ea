import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { SIGNALS } from '../model/signal.ts';
import type { Signal } from '../model/signal.ts';

/**
 * A record of the write-ahead log: one request, decompressed and in the protobuf encoding.
 *
 * Layout, little-endian: `u32` magic, `u32` CRC-32 of the rest of the header, `u32` body length, `u8` signal,
 * `u8` 0, `u16` project length, `f64` arrival (ms since 1970 UTC), 32 bytes digest, project, body.
 * The digest covers signal, project and body: it finds damage, and requests that were sent again.
 */
const MAGIC = 0x314c4257;
export const HEADER_BYTES = 56;
export const DIGEST_BYTES = 32;

export interface WalRecord {
  readonly signal: Signal;
  readonly project: string;
  readonly receivedAtMs: number;
  readonly digest: Buffer;
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
  header.writeUInt16LE(project.length, 14);
  header.writeDoubleLE(record.receivedAtMs, 16);
  record.digest.copy(header, 24, 0, DIGEST_BYTES);
  project.copy(header, HEADER_BYTES);
  header.writeUInt32LE(crc32(header.subarray(8)), 4);
  return header;
}

/** What is found at a position of a log. */
export type WalFinding =
  | { readonly kind: 'record'; readonly record: WalRecord; readonly next: number }
  /** The header is whole but the body is not what was written. */
  | { readonly kind: 'damaged'; readonly record: WalRecord; readonly next: number }
  /** The log ends inside a record: a write that was never acknowledged. */
  | { readonly kind: 'torn' }
  /** What is here is no record. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'end' };

export function readRecord(log: Buffer, at: number): WalFinding {
  if (at === log.length) return { kind: 'end' };
  if (log.length - at < HEADER_BYTES) return { kind: 'torn' };
  const projectLength = log.readUInt16LE(at + 14);
  const bodyStart = at + HEADER_BYTES + projectLength;
  const whole = bodyStart <= log.length;
  if (
    log.readUInt32LE(at) !== MAGIC ||
    !whole ||
    crc32(log.subarray(at + 8, bodyStart)) !== log.readUInt32LE(at + 4)
  ) {
    return { kind: whole ? 'unreadable' : 'torn' };
  }
  const next = bodyStart + log.readUInt32LE(at + 8);
  const signal = SIGNALS[log.readUInt8(at + 12)];
  if (signal === undefined) return { kind: 'unreadable' };
  if (next > log.length) return { kind: 'torn' };
  const record: WalRecord = {
    signal,
    project: log.toString('utf8', at + HEADER_BYTES, bodyStart),
    receivedAtMs: log.readDoubleLE(at + 16),
    digest: log.subarray(at + 24, at + 24 + DIGEST_BYTES),
    body: log.subarray(bodyStart, next),
  };
  const intact = digestOf(signal, record.project, record.body).equals(record.digest);
  return { kind: intact ? 'record' : 'damaged', record, next };
}
