import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import type { TestPipeline } from '../../test/harness/pipeline.ts';
import { startPipeline } from '../../test/harness/pipeline.ts';
import { AppError } from '../errors.ts';

let pipeline: TestPipeline;
afterEach(() => {
  pipeline.dispose();
});

const down = (): { before: Error } => ({ before: new AppError('STORAGE_UNAVAILABLE') });
const refusing =
  (...poison: readonly string[]) =>
  ({ ids }: { ids: readonly string[] }): { before: Error } | undefined =>
    poison.some((id) => ids.includes(id))
      ? { before: new AppError('TELEMETRY_UNSTORABLE', `refused: ${poison.join()}`) }
      : undefined;
const sorted = (ids: readonly string[]): string[] => ids.toSorted((a, b) => a.localeCompare(b));
const runsOf = (name: string): number =>
  pipeline.told
    .flatMap(({ sightings }) => sightings)
    .filter((sighting) => sighting.name === name)
    .reduce((sum, { runs }) => sum + runs, 0);

describe('after a crash', () => {
  test('what was acknowledged is stored once, and known when it is sent again', async () => {
    pipeline = await startPipeline();
    await pipeline.consume(['a']);
    await pipeline.consume(['b', 'c']);
    pipeline = await pipeline.restart();
    expect(pipeline.store.ids).toEqual(['a', 'b', 'c']);
    expect(await pipeline.consume(['a'])).toMatchObject({ duplicate: true });
    expect(pipeline.files()).toEqual({ wal: [], segments: [] });
    pipeline = await pipeline.restart();
    expect(await pipeline.consume(['b', 'c'])).toMatchObject({ duplicate: true });
    await pipeline.settled();
    expect(pipeline.store.ids).toEqual(['a', 'b', 'c']);
  });

  test('between the insert and the deletion of the log it is not stored again', async () => {
    pipeline = await startPipeline();
    pipeline.onStored = () => Promise.reject(new Error('the registry is away'));
    await pipeline.consume(['a']);
    await pipeline.ingest.drain();
    await expect.poll(() => pipeline.store.ids).toEqual(['a']);
    pipeline = await pipeline.restart();
    expect(pipeline.store.ids).toEqual(['a']);
    expect(runsOf('a')).toBe(1);
    expect(pipeline.files().wal).toEqual([]);
  });

  test('what was written of a request that was never acknowledged is left out', async () => {
    pipeline = await startPipeline();
    await pipeline.consume(['a']);
    await pipeline.consume(['b']);
    const path = join(pipeline.directory, 'wal', pipeline.files().wal[0]!);
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    pipeline = await pipeline.restart();
    expect(pipeline.store.ids).toEqual(['a']);
    expect(pipeline.letters.list()).toEqual([]);
    expect(await pipeline.consume(['b'])).toMatchObject({ duplicate: false });
  });

  test('an empty log and the leftovers of segments, letters and logs are deleted', async () => {
    pipeline = await startPipeline();
    writeFileSync(join(pipeline.directory, 'wal', 'run-0-00000000.wal'), '');
    writeFileSync(join(pipeline.directory, 'wal', 'run-0-00000001.parts'), '');
    writeFileSync(join(pipeline.directory, 'segments', 'run-0-00000000.spans.native'), 'half');
    writeFileSync(join(pipeline.directory, 'dead-letters', 'abc.otlp'), 'half');
    writeFileSync(join(pipeline.directory, 'dead-letters', 'abc.json.new'), 'half');
    pipeline = await pipeline.restart();
    expect(pipeline.files()).toEqual({ wal: [], segments: [] });
    expect(readdirSync(join(pipeline.directory, 'dead-letters'))).toEqual([]);
    expect(pipeline.store.tokens).toEqual([]);
  });

  test('a damaged record is a dead letter, its neighbours are stored, and its sender may send it again', async () => {
    pipeline = await startPipeline();
    for (const id of ['first', 'second', 'third', 'fourth']) await pipeline.consume([id]);
    const path = join(pipeline.directory, 'wal', pipeline.files().wal[0]!);
    const log = readFileSync(path);
    log[log.indexOf('second')]! ^= 1;
    // A header: 60 bytes and the project's seven before the body.
    log[log.indexOf('third') - 100]! ^= 1;
    writeFileSync(path, log);
    pipeline = await pipeline.restart();
    expect(pipeline.store.ids).toEqual(['first', 'fourth']);
    expect(sorted(pipeline.letters.list().map(({ reason }) => reason))).toEqual([
      'the write-ahead log is damaged here: this is not what was written',
      'the write-ahead log is unreadable here',
    ]);
    expect(await pipeline.consume(['second'])).toMatchObject({ duplicate: false });
  });
});

describe('a segment that the store refuses', () => {
  const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
  const GOOD = IDS.filter((id) => id !== 'd' && id !== 'i');

  test('is stored in parts, each record once, and what is refused alone is a dead letter', async () => {
    pipeline = await startPipeline();
    pipeline.store.fault = refusing('d', 'i');
    for (const id of IDS) await pipeline.consume([id]);
    await pipeline.settled();
    expect(sorted(pipeline.store.ids)).toEqual(GOOD);
    expect(pipeline.letters.list().map(({ reason }) => reason)).toEqual([
      'refused: d,i',
      'refused: d,i',
    ]);
    expect(pipeline.files()).toEqual({ wal: [], segments: [] });
    // Its sender is not told to send it again: it is kept.
    expect(await pipeline.consume(['d'])).toMatchObject({ duplicate: true });
  });

  // Once for every insert that is made: the crash comes right after it took rows, or refused them.
  test.each(Array.from({ length: 14 }, (_, index) => index))(
    'and a crash at insert %i stores nothing twice and loses nothing, also if nothing is refused any more',
    async (crashAt) => {
      pipeline = await startPipeline();
      const { store } = pipeline;
      const refuse = refusing('d', 'i');
      let inserts = 0;
      store.fault = (insert) => {
        if (inserts++ === crashAt) {
          store.fault = () => down();
          return refuse(insert) ?? { after: new AppError('STORAGE_UNAVAILABLE') };
        }
        return refuse(insert);
      };
      for (const id of IDS) await pipeline.consume([id]);
      await pipeline.ingest.drain();
      await expect.poll(() => inserts > crashAt || pipeline.files().wal.length === 0).toBe(true);
      store.fault = () => down();
      const crashed = pipeline;
      const starting = crashed.restart();
      store.fault = () => undefined;
      pipeline = await starting;
      const letters = pipeline.letters.list().length;
      expect(pipeline.files().wal).toEqual([]);
      expect(new Set(store.ids).size).toBe(store.ids.length);
      expect(store.ids.length + letters).toBe(IDS.length);
      expect(sorted(store.ids)).toEqual(expect.arrayContaining(GOOD));
    },
  );

  test('holds up what follows while dead letters have no room', async () => {
    pipeline = await startPipeline({ config: { deadLetterBytesMax: 1 << 20 } });
    const filler = join(pipeline.directory, 'dead-letters', `${'0'.repeat(32)}.json`);
    writeFileSync(filler, JSON.stringify({ id: '0'.repeat(32), bytes: 1 << 20 }));
    pipeline.store.fault = refusing('poison');
    await pipeline.consume(['poison']);
    await pipeline.ingest.drain();
    await pipeline.consume(['next']);
    await pipeline.ingest.drain();
    await expect
      .poll(() => pipeline.problems.join('\n'))
      .toContain('raise pipeline.deadLetterBytesMax');
    expect(pipeline.store.ids).toEqual([]);
    pipeline.letters.remove('0'.repeat(32));
    await pipeline.settled();
    expect(pipeline.store.ids).toEqual(['next']);
    expect(pipeline.letters.list()).toHaveLength(1);
  });
});

describe('a dead letter that is tried again', () => {
  async function withLetter(): Promise<string> {
    pipeline = await startPipeline();
    pipeline.store.fault = refusing('poison');
    await pipeline.consume(['poison']);
    await pipeline.settled();
    return pipeline.letters.list()[0]!.id;
  }

  test('is stored once, is gone, and counts no run twice', async () => {
    const id = await withLetter();
    pipeline.store.fault = () => undefined;
    const [first, second] = await Promise.all([pipeline.redeliver(id), pipeline.redeliver(id)]);
    expect([first.accepted, second.accepted]).toEqual([1, 1]);
    await pipeline.settled();
    expect(pipeline.store.ids).toEqual(['poison']);
    expect(pipeline.letters.list()).toEqual([]);
    expect(runsOf('poison')).toBe(1);
  });

  test('is stored once though a crash kept the letter from being removed', async () => {
    const id = await withLetter();
    const { letter, body } = pipeline.letters.get(id)!;
    await pipeline.ingest.redeliver({ ...letter, body });
    pipeline.store.fault = () => undefined;
    pipeline = await pipeline.restart();
    expect(pipeline.store.ids).toEqual(['poison']);
    expect(pipeline.letters.list()).toEqual([]);
  });

  test('and refused again is a dead letter again', async () => {
    const id = await withLetter();
    await pipeline.redeliver(id);
    await pipeline.settled();
    expect(pipeline.letters.list()).toMatchObject([{ id }]);
    pipeline = await pipeline.restart();
    expect(pipeline.letters.list()).toMatchObject([{ id }]);
    expect(pipeline.store.ids).toEqual([]);
  });

  test('and of which nothing can be kept stays a dead letter', async () => {
    pipeline = await startPipeline();
    const letter = {
      signal: 'traces',
      project: 'default',
      receivedAtMs: 1,
      body: Buffer.alloc(0),
    } as const;
    await expect(pipeline.ingest.redeliver(letter)).rejects.toMatchObject({
      code: 'TELEMETRY_MALFORMED',
    });
  });
});

test('runs are told once for each stored segment, again only until it is heard', async () => {
  pipeline = await startPipeline();
  let deaf = 2;
  pipeline.onStored = async () => {
    if (deaf-- > 0) throw new Error('not now');
  };
  await pipeline.consume(['a']);
  await pipeline.consume(['a', 'b']);
  await pipeline.settled();
  expect(pipeline.told).toMatchObject([
    {
      id: 'run-1-00000000',
      sightings: [
        { name: 'a', runs: 2 },
        { name: 'b', runs: 1 },
      ],
    },
  ]);
  expect(pipeline.store.ids).toEqual(['a', 'a', 'b']);
});
