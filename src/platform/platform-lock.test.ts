import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { lockHolder, takeLock } from './platform-lock.ts';
import { identify, isAlive } from './process-group.ts';
import type { ProcessId } from './process-group.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const leave = (number: number, by: ProcessId): void =>
  writeFileSync(join(folder, `lock-${number}`), JSON.stringify(by));
const me = identify(process.pid)!;
const parent = identify(process.ppid)!;
const dead: ProcessId = { pid: process.pid, startedAt: 'another time' };

test('a lock is held until it is let go', () => {
  const lock = takeLock(folder);
  expect([lock.kind, lockHolder(folder), readdirSync(folder)]).toEqual(['taken', me, ['lock-1']]);
  if (lock.kind === 'taken') lock.release();
  expect([lockHolder(folder), readdirSync(folder)]).toEqual([undefined, []]);
});

test('what a living process has is not taken', () => {
  leave(3, parent);
  expect(takeLock(folder)).toEqual({ kind: 'held', by: parent });
  expect(readdirSync(folder)).toEqual(['lock-3']);
});

test('what a dead process left is followed and removed, also when its id is used again', () => {
  leave(7, dead);
  writeFileSync(join(folder, 'lock-8'), 'half of a');
  expect(takeLock(folder).kind).toBe('taken');
  expect(readdirSync(folder)).toEqual(['lock-9']);
});

test('a process is alive until it has ended, not until it is reaped', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const id = identify(child.pid!)!;
  expect(isAlive(id)).toBe(true);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect([isAlive(id), identify(child.pid!)]).toEqual([false, undefined]);
});
