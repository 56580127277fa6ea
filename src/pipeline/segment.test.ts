import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { strings } from '../../test/fixtures/otlp/plain-columns.ts';
import { NOON_MS, requestOf } from '../../test/harness/pipeline.ts';
import { TelemetryColumns } from '../model/telemetry-columns.ts';
import { TelemetryDecoder } from '../otlp/telemetry-decoder.ts';
import { DIALECTS } from '../semconv/dialects.ts';
import { RECORD_OVERHEAD_BYTES, Segment } from './segment.ts';
import { SegmentLog } from './segment-log.ts';
import { toStorageError } from './storage-error.ts';
import type { WalRecord } from './wal-record.ts';
import { digestOf, encodeHeader, readRecord } from './wal-record.ts';

let directory: string;
let folder: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'signalbox-segment-'));
  folder = join(directory, 'wal');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function createSegment(): Segment {
  return new Segment({
    id: 'one',
    path: join(folder, 'one.wal'),
    decoder: new TelemetryDecoder(new TelemetryColumns(), { dialects: DIALECTS, runRootNames: [] }),
    openedAtMs: NOON_MS,
    toError: toStorageError,
  });
}

function recordOf(...ids: readonly string[]): WalRecord {
  const body = Buffer.from(requestOf(ids).body);
  const digest = digestOf('traces', 'default', body);
  return {
    signal: 'traces',
    project: 'default',
    receivedAtMs: NOON_MS,
    digest,
    redelivered: false,
    body,
  };
}

function commit(segment: Segment, record: WalRecord): Promise<void> {
  const mark = segment.decoder.columns.mark();
  const { sightings } = segment.decoder.decode(record.signal, record.body, record);
  return segment.commit({ record, mark, sightings });
}

const rowsOf = (segment: Segment): string[] =>
  strings(segment.decoder.columns.spans.attributes.values);

function recordsIn(log: Buffer): WalRecord[] {
  const records: WalRecord[] = [];
  for (let at = 0; ;) {
    const found = readRecord(log, at);
    if (found.kind !== 'record') return records;
    records.push(found.record);
    at = found.next;
  }
}

test('requests that come while the log is being synced are in it when they are acknowledged, in order', async () => {
  mkdirSync(folder);
  const segment = createSegment();
  const records = ['a', 'b', 'c', 'd'].map((id) => recordOf(id));
  const inLog: number[] = [];
  await Promise.all(
    records.map(async (record) => {
      await commit(segment, record);
      inLog.push(recordsIn(readFileSync(segment.log.path)).length);
    }),
  );
  // The others, which came while the first was being written, are there together.
  expect(inLog[0]).toBeGreaterThanOrEqual(1);
  expect(inLog.slice(1)).toEqual([4, 4, 4]);
  expect(recordsIn(segment.log.read())).toEqual(records);
  expect(rowsOf(segment)).toEqual(['a', 'b', 'c', 'd']);
  expect(segment.digests.view()).toEqual(
    Buffer.concat(records.map(({ digest }) => digest.subarray(0, 16))),
  );
  expect(segment.bytes).toBe(
    records.reduce((sum, { body }) => sum + body.length + RECORD_OVERHEAD_BYTES, 0),
  );
});

test('a write that fails takes back the rows of its requests and of those that came since, and no others', async () => {
  mkdirSync(folder);
  const segment = createSegment();
  const kept = recordOf('kept', 'too');
  await commit(segment, kept);
  // Closed and taken away: the next write opens the file anew, and cannot.
  segment.log.close();
  rmSync(folder, { recursive: true });
  const outcomes = await Promise.allSettled([
    commit(segment, recordOf('first', 'second')),
    commit(segment, recordOf('third')),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(rowsOf(segment)).toEqual(['kept', 'too']);
  expect(segment.bytes).toBe(kept.body.length + RECORD_OVERHEAD_BYTES);
  expect(segment.digests.view()).toEqual(kept.digest.subarray(0, 16));
  expect(segment.sightings.map(({ name }) => name)).toEqual(['kept', 'too']);
});

test('a segment whose first write fails is empty and can be filled', async () => {
  const segment = createSegment();
  await expect(commit(segment, recordOf('a'))).rejects.toMatchObject({
    code: 'STORAGE_UNAVAILABLE',
  });
  expect([segment.isEmpty, segment.receivedAtMs, rowsOf(segment)]).toEqual([true, undefined, []]);
  mkdirSync(folder);
  const record = { ...recordOf('b'), receivedAtMs: NOON_MS + 5 };
  await commit(segment, record);
  expect([segment.isEmpty, segment.receivedAtMs, rowsOf(segment)]).toEqual([
    false,
    NOON_MS + 5,
    ['b'],
  ]);
  expect(recordsIn(segment.log.read())).toEqual([record]);
});

test('a log on a full file system refuses, and takes nothing when it cannot be cut back', async () => {
  // The kernel's file on which every write fails with ENOSPC; it cannot be cut back either.
  const log = new SegmentLog('/dev/full');
  const refusal = { code: 'ENOSPC' };
  await expect(log.append([recordOf('a')])).rejects.toMatchObject(refusal);
  await expect(log.append([recordOf('b')])).rejects.toThrow();
  expect(log.length).toBe(0);
  log.close();
});

test('a log that is removed is gone, also when it was never written', () => {
  mkdirSync(folder);
  const log = new SegmentLog(join(folder, 'two.wal'));
  log.remove();
  expect(() => log.read()).toThrow('ENOENT');
});

test('a header says how long its record is', () => {
  const record = recordOf('a');
  expect(encodeHeader(record).readUInt32LE(8)).toBe(record.body.length);
});
