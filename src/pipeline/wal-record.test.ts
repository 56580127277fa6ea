import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { SIGNALS } from '../model/signal.ts';
import type { WalFinding, WalRecord } from './wal-record.ts';
import { digestOf, encodeHeader, HEADER_BYTES, readRecord } from './wal-record.ts';

function recordOf(body: string, rest: Partial<WalRecord> = {}): WalRecord {
  const record = {
    signal: 'traces' as const,
    project: 'default',
    receivedAtMs: 1_700_000_000_123.5,
    redelivered: false,
    body: Buffer.from(body),
    ...rest,
  };
  return { ...record, digest: digestOf(record.signal, record.project, record.body) };
}

function logOf(...records: readonly WalRecord[]): Buffer {
  return Buffer.concat(records.flatMap((record) => [encodeHeader(record), record.body]));
}

function readAll(log: Buffer): WalFinding[] {
  const findings: WalFinding[] = [];
  for (let at = 0; ;) {
    const found = readRecord(log, at);
    findings.push(found);
    if (found.kind === 'end' || found.kind === 'torn') return findings;
    at = found.next;
  }
}

const bodiesOf = (findings: readonly WalFinding[]): string[] =>
  findings.flatMap((found) => (found.kind === 'record' ? [found.record.body.toString()] : []));

const THREE = [
  recordOf('first body'),
  recordOf('second body', { project: 'größe', signal: 'metrics', redelivered: true }),
  recordOf('third body', { signal: 'logs' }),
];

describe('a log', () => {
  test('gives back the records that were written', () => {
    const record = fc.record({
      signal: fc.constantFrom(...SIGNALS),
      project: fc.string({ maxLength: 40, unit: 'grapheme' }),
      receivedAtMs: fc.double({ noNaN: true }),
      redelivered: fc.boolean(),
      body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (drafts) => {
        const records = drafts.map((draft) => ({
          ...draft,
          digest: digestOf(draft.signal, draft.project, draft.body),
        }));
        const findings = readAll(logOf(...records));
        expect(findings.pop()).toEqual({ kind: 'end' });
        expect(findings.map((found) => found.kind === 'record' && found.record)).toEqual(records);
      }),
    );
  });

  test('that ends anywhere inside a record gives those before it and nothing of that one', () => {
    const log = logOf(...THREE);
    const secondStart = logOf(THREE[0]!).length;
    for (let length = secondStart; length < log.length; length++) {
      const findings = readAll(log.subarray(0, length));
      const whole = length < logOf(...THREE.slice(0, 2)).length ? 1 : 2;
      expect(bodiesOf(findings)).toHaveLength(whole);
      const atBoundary = [secondStart, logOf(...THREE.slice(0, 2)).length].includes(length);
      expect(findings.at(-1)).toEqual({ kind: atBoundary ? 'end' : 'torn' });
    }
  });

  test('notices every flipped bit, and gives the neighbours of a damaged record', () => {
    const log = logOf(...THREE);
    const start = logOf(THREE[0]!).length;
    const end = logOf(...THREE.slice(0, 2)).length;
    for (let at = start; at < end; at++) {
      for (const bit of [0x01, 0x80]) {
        const damaged = Buffer.from(log);
        damaged[at]! ^= bit;
        const findings = readAll(damaged);
        expect(findings.map(({ kind }) => kind)).toEqual([
          'record',
          at < start + HEADER_BYTES ? 'unreadable' : 'damaged',
          'record',
          'end',
        ]);
        expect(bodiesOf(findings)).toEqual(['first body', 'third body']);
      }
    }
  });

  test('names no project for a record whose project is damaged', () => {
    const log = logOf(THREE[0]!);
    log[HEADER_BYTES]! ^= 1;
    expect(readRecord(log, 0)).toMatchObject({ kind: 'damaged', record: { project: '' } });
  });

  test('that was lengthened but not written ends where it was written', () => {
    const log = Buffer.concat([logOf(THREE[0]!), Buffer.alloc(4096)]);
    expect(readAll(log).map(({ kind }) => kind)).toEqual(['record', 'torn']);
  });

  test('of anything at all is read to its end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const last = readAll(Buffer.from(bytes)).at(-1)!;
        expect(['end', 'torn']).toContain(last.kind);
      }),
    );
  });

  test('that is empty has no records', () => {
    expect(readAll(Buffer.alloc(0))).toEqual([{ kind: 'end' }]);
  });
});

test('requests differ by signal, project and body', () => {
  const digests = [
    digestOf('traces', 'a', Buffer.from('b')),
    digestOf('logs', 'a', Buffer.from('b')),
    digestOf('traces', 'b', Buffer.from('b')),
    digestOf('traces', 'a', Buffer.from('c')),
  ];
  expect(new Set(digests.map((digest) => digest.toString('hex'))).size).toBe(4);
});
