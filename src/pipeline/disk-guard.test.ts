import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { expect, test } from 'vitest';

import { DiskGuard } from './disk-guard.ts';

async function refusalOf(directory: string, reserveBytes: number): Promise<unknown> {
  const guard = new DiskGuard(directory, reserveBytes);
  await guard.start();
  try {
    guard.requireRoom();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    guard.shutdown();
  }
}

test('telemetry is refused while the disk has less room than the reserve', async () => {
  const { blocks, bsize } = statfsSync(tmpdir());
  expect(await refusalOf(tmpdir(), 0)).toBeUndefined();
  expect(await refusalOf(tmpdir(), blocks * bsize + 1)).toMatchObject({
    code: 'STORAGE_FULL',
    retryAfterSeconds: 5,
  });
});

test('a disk whose room cannot be told is no reason to refuse', async () => {
  expect(await refusalOf('/does/not/exist', 1_000)).toBeUndefined();
});
