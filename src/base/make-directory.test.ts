import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { makeDirectory } from './make-directory.ts';

const directory = mkdtempSync(join(tmpdir(), 'signalbox-directory-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('makes what is missing, for its owner alone, and leaves what is there', () => {
  const path = join(directory, 'a', 'b', 'c');
  makeDirectory(path, 0o700);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  makeDirectory(path, 0o755);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('refuses where a file is in the way', () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  expect(() => makeDirectory(file, 0o700)).toThrow(/^EEXIST/);
  expect(() => makeDirectory(join(file, 'below'), 0o700)).toThrow(/^ENOTDIR/);
});

test.runIf(process.platform === 'linux')('gives up where nothing can be made', () => {
  expect(() => makeDirectory('/proc/nothing/below', 0o700)).toThrow(/^ENOENT/);
});
