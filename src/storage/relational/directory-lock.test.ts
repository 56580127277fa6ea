import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { AppError } from '../../errors.ts';
import { lockDirectory } from './directory-lock.ts';

const directory = mkdtempSync(join(tmpdir(), 'signalbox-lock-'));
afterAll(() => rmSync(directory, { recursive: true }));

const locked = new AppError(
  'DATA_DIRECTORY_LOCKED',
  `another Signalbox runs on the data directory ${directory}; stop it, or choose another --data-dir`,
);

test('one at a time has the directory, and who comes too late does not loosen the lock', () => {
  const lock = lockDirectory(directory);
  expect(() => lockDirectory(directory)).toThrow(locked);
  expect(() => lockDirectory(directory)).toThrow(locked);
  lock.release();
  lock.release();
  lockDirectory(directory).release();
});

test('a process that is killed leaves it free', () => {
  const program = `const Database = require('libsql');
    new Database(${JSON.stringify(join(directory, 'lock.db'))}).exec('BEGIN EXCLUSIVE');
    process.kill(process.pid, 'SIGKILL');`;
  expect(() => execFileSync(process.execPath, ['-e', program])).toThrow();
  lockDirectory(directory).release();
});
