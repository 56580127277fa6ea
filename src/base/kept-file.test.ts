import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { keptText } from './kept-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-kept-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a text is made once, and again where a crash left nothing of it', () => {
  const path = join(folder, 'secret');
  expect(keptText(path, () => 'one')).toBe('one');
  expect(keptText(path, () => 'two')).toBe('one');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  writeFileSync(path, '');
  expect(keptText(path, () => 'two')).toBe('two');
  expect(readFileSync(path, 'utf8')).toBe('two');
});
