import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { AppError } from '../errors.ts';
import { inflate } from './inflate.ts';
import type { TelemetryRequest } from './telemetry-consumer.ts';

const LIMIT = 1024 * 1024;
const BODY = Buffer.from('a body of a request');

function requestOf(compression: TelemetryRequest['compression'], body: Buffer): TelemetryRequest {
  return {
    signal: 'traces',
    encoding: 'protobuf',
    compression,
    project: 'default',
    receivedAtMs: 0,
    body: new Uint8Array(body).buffer,
  };
}

function codeOf(compression: TelemetryRequest['compression'], body: Buffer): string {
  try {
    inflate(requestOf(compression, body), LIMIT);
    return 'none';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

test.each([
  ['none', BODY],
  ['gzip', gzipSync(BODY)],
  ['deflate', deflateSync(BODY)],
  // Some clients leave the zlib header out.
  ['deflate', deflateRawSync(BODY)],
  ['gzip', Buffer.concat([gzipSync(BODY.subarray(0, 5)), gzipSync(BODY.subarray(5))])],
  // What pads the last member is not part of it.
  ['gzip', Buffer.concat([gzipSync(BODY), Buffer.alloc(7)])],
] as const)('a body in %s is what was compressed', (compression, body) => {
  expect(inflate(requestOf(compression, body), LIMIT)).toEqual(BODY);
});

test.each([
  ['gzip', gzipSync(BODY).subarray(0, -9)],
  ['gzip', Buffer.from('plain')],
  ['gzip', Buffer.alloc(0)],
  ['deflate', deflateSync(BODY).subarray(0, -5)],
  ['deflate', Buffer.alloc(0)],
] as const)('a body that is not whole in %s is malformed', (compression, body) => {
  expect(codeOf(compression, body)).toBe('TELEMETRY_MALFORMED');
});

test.each([
  ['none', (bytes: Buffer) => bytes],
  ['gzip', gzipSync],
  ['deflate', deflateSync],
] as const)(
  'a body of the limit in %s is taken, and a larger one is not',
  (compression, compress) => {
    const bytes = Buffer.alloc(LIMIT, 1);
    expect(inflate(requestOf(compression, compress(bytes)), LIMIT).equals(bytes)).toBe(true);
    expect(codeOf(compression, compress(Buffer.alloc(LIMIT + 1, 1)))).toBe('BODY_TOO_LARGE');
  },
);

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
] as const)(
  'a gigabyte of zeros in %s takes no more time and memory than the limit',
  { timeout: 60_000 },
  (compression, compress) => {
    const bomb = compress(Buffer.alloc(1 << 30), { level: 1 });
    const before = process.memoryUsage().rss;
    const started = performance.now();
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(codeOf(compression, bomb)).toBe('BODY_TOO_LARGE');
    }
    // Five gigabytes would take many seconds; the limit is a thousandth of one.
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * LIMIT);
  },
);
