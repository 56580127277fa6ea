import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import type { TestPipeline } from '../../test/harness/pipeline.ts';
import { NOON_MS, requestOf, startPipeline } from '../../test/harness/pipeline.ts';
import { AppError } from '../errors.ts';

const DAY_MS = 86_400_000;

let pipeline: TestPipeline;
afterEach(() => {
  pipeline.dispose();
});

/** Ids of a request of some five kilobytes. */
const large = (name: string): string[] =>
  Array.from({ length: 10 }, (_, index) => `${name}-${index}`.padEnd(400, '.'));

/** Takes the directory of the logs away, as a disk that fails would, until it is put back. */
function breakDisk(): () => void {
  const wal = join(pipeline.directory, 'wal');
  renameSync(wal, `${wal}.away`);
  return () => {
    rmSync(wal, { recursive: true, force: true });
    renameSync(`${wal}.away`, wal);
  };
}

describe('a request', () => {
  test('is stored once it is acknowledged, and nothing of it is left', async () => {
    pipeline = await startPipeline();
    expect(await pipeline.consume(['a', 'b'])).toMatchObject({
      accepted: 2,
      rejected: 0,
      message: '',
      duplicate: false,
    });
    expect(pipeline.files()).toEqual({ wal: ['run-1-00000000.wal'], segments: [] });
    await pipeline.settled();
    expect(pipeline.store.ids).toEqual(['a', 'b']);
    expect(pipeline.files()).toEqual({ wal: [], segments: [] });
  });

  test('that comes again is acknowledged alike and stored once: at once, later, in the other encoding', async () => {
    pipeline = await startPipeline();
    const [first, again] = await Promise.all([pipeline.consume(['a']), pipeline.consume(['a'])]);
    const json = await pipeline.consume(['a'], { encoding: 'json' });
    await pipeline.settled();
    const later = await pipeline.consume(['a']);
    expect(
      [first, again, json, later].map(({ accepted, duplicate }) => ({ accepted, duplicate })),
    ).toEqual([
      { accepted: 1, duplicate: false },
      { accepted: 1, duplicate: true },
      { accepted: 1, duplicate: true },
      { accepted: 1, duplicate: true },
    ]);
    await pipeline.settled();
    expect(pipeline.store.ids).toEqual(['a']);
  });

  test('of another project is another request', async () => {
    pipeline = await startPipeline();
    await pipeline.consume(['a']);
    expect(await pipeline.consume(['a'], { project: 'other' })).toMatchObject({ duplicate: false });
    await pipeline.settled();
    expect(pipeline.store.ids).toEqual(['a', 'a']);
  });

  test('whose items are all rejected is answered and not kept', async () => {
    pipeline = await startPipeline();
    expect(await pipeline.consume(['-'])).toMatchObject({ accepted: 0, rejected: 1 });
    await pipeline.consume(['-', 'good']);
    await pipeline.settled();
    expect(pipeline.store.ids).toEqual(['good']);
    expect(pipeline.files()).toEqual({ wal: [], segments: [] });
  });

  test('that is no telemetry is refused and leaves no trace', async () => {
    pipeline = await startPipeline();
    const body = new Uint8Array([0x0a, 0xff, 0xff]).buffer;
    const request = { ...requestOf([]), body };
    await expect(pipeline.ingest.consume(request)).rejects.toMatchObject({
      code: 'TELEMETRY_MALFORMED',
    });
    await pipeline.settled();
    expect(pipeline.files()).toEqual({ wal: [], segments: [] });
    expect(pipeline.store.tokens).toEqual([]);
  });
});

describe('a disk that fails', () => {
  test('refuses a request and those that wait with it, takes back their rows, and then takes them again', async () => {
    pipeline = await startPipeline();
    await pipeline.consume(['before']);
    await pipeline.settled();
    const repair = breakDisk();
    const outcomes = await Promise.allSettled([
      pipeline.consume(['a']),
      pipeline.consume(['b']),
      pipeline.consume(['a']),
    ]);
    const refused = {
      status: 'rejected',
      reason: expect.objectContaining({ code: 'STORAGE_UNAVAILABLE', retryable: true }) as unknown,
    };
    expect(outcomes).toEqual([refused, refused, refused]);
    repair();
    expect(await pipeline.consume(['b'])).toMatchObject({ duplicate: false });
    expect(await pipeline.consume(['a'])).toMatchObject({ duplicate: false });
    await pipeline.settled();
    expect(pipeline.store.ids).toEqual(['before', 'b', 'a']);
    expect(pipeline.told.map(({ sightings }) => sightings.map(({ name }) => name))).toEqual([
      ['before'],
      ['b', 'a'],
    ]);
  });

  test('for the files of a segment holds it back, refuses what is too much, and goes on when it is repaired', async () => {
    pipeline = await startPipeline({ config: { segmentBytesMax: 1024 } });
    const segments = join(pipeline.directory, 'segments');
    rmSync(segments, { recursive: true });
    // A file where the directory was: nothing can be written below it.
    writeFileSync(segments, '');
    await pipeline.consume(large('a'));
    await pipeline.consume(large('b'));
    await expect(pipeline.consume(large('c'))).rejects.toMatchObject({ retryable: true });
    rmSync(segments);
    mkdirSync(segments);
    await pipeline.settled();
    await pipeline.consume(large('c'));
    await pipeline.settled();
    expect(pipeline.store.ids).toEqual(['a', 'b', 'c'].flatMap(large));
  });
});

describe('a bound', () => {
  test('on the backlog refuses until what waits is stored', async () => {
    pipeline = await startPipeline({
      config: { segmentBytesMax: 1024, backlogBytesMax: 1 << 20 },
    });
    let isDown = true;
    pipeline.store.fault = () =>
      isDown ? { before: new AppError('STORAGE_UNAVAILABLE') } : undefined;
    const accepted: string[] = [];
    let refusal: unknown;
    for (let index = 0; index < 1_000; index++) {
      const ids = large(String(index));
      await pipeline.consume(ids).then(
        () => accepted.push(...ids),
        (error: unknown) => (refusal = error),
      );
      if (refusal !== undefined) break;
      await pipeline.ingest.drain();
    }
    expect(refusal).toMatchObject({ code: 'BACKLOG_FULL', retryAfterSeconds: 1 });
    expect(accepted.length).toBeLessThan(2_500);
    isDown = false;
    await pipeline.settled();
    expect(pipeline.store.ids).toEqual(accepted);
    await pipeline.consume(['after']);
  });

  test('on what waits for the disk refuses what is more', async () => {
    pipeline = await startPipeline({ config: { inflightBytesMax: 1 << 20 } });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => pipeline.consume([String(index).padEnd(300_000)])),
    );
    const codes = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? 'fine' : (outcome.reason as AppError).code,
    );
    expect(codes).toEqual([
      ...Array<string>(4).fill('fine'),
      ...Array<string>(6).fill('OVERLOADED'),
    ]);
    expect(await pipeline.consume(['later'])).toMatchObject({ accepted: 1 });
  });
});

test('a segment holds the requests of one day', async () => {
  pipeline = await startPipeline();
  await pipeline.consume(['a']);
  await pipeline.consume(['b'], { receivedAtMs: NOON_MS + 1 });
  await pipeline.consume(['c'], { receivedAtMs: NOON_MS + DAY_MS });
  await pipeline.consume(['d'], { receivedAtMs: NOON_MS });
  await pipeline.settled();
  expect(pipeline.store.tokens).toEqual(['run-1-00000000', 'run-1-00000001', 'run-1-00000002']);
  expect(pipeline.store.ids).toEqual(['a', 'b', 'c', 'd']);
});

test('a segment says when its first stored request came, as a replay of its log will', async () => {
  const times: number[] = [];
  pipeline = await startPipeline({
    encode: (ids, receivedAtMs) => {
      times.push(receivedAtMs);
      return [{ table: 'spans', rows: 1, chunks: [Buffer.from(['', ...ids].join('\n'))] }];
    },
  });
  pipeline.store.fault = () => ({ before: new AppError('STORAGE_UNAVAILABLE') });
  await pipeline.consume(['-'], { receivedAtMs: NOON_MS });
  await pipeline.consume(['a'], { receivedAtMs: NOON_MS + 7 });
  await pipeline.ingest.drain();
  pipeline.store.fault = () => undefined;
  pipeline = await pipeline.restart();
  expect(times).toEqual([NOON_MS + 7, NOON_MS + 7]);
});

test('rows that cannot be encoded together are stored apart, and what cannot be encoded at all is a dead letter', async () => {
  pipeline = await startPipeline({
    encode: (ids) => {
      if (ids.includes('odd')) throw new RangeError('too odd');
      return [{ table: 'spans', rows: ids.length, chunks: [Buffer.from(['', ...ids].join('\n'))] }];
    },
  });
  for (const id of ['a', 'b', 'odd', 'c', 'd']) await pipeline.consume([id]);
  await pipeline.settled();
  expect(pipeline.store.ids.toSorted((a, b) => a.localeCompare(b))).toEqual(['a', 'b', 'c', 'd']);
  expect(pipeline.letters.list()).toMatchObject([
    { reason: 'the rows cannot be encoded: too odd' },
  ]);
  expect(pipeline.files()).toEqual({ wal: [], segments: [] });
});
