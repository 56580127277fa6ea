import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { identify, isAlive } from './process-group.ts';
import type { ProcessId } from './process-group.ts';

export type LockOutcome =
  | { readonly kind: 'taken'; release(): void }
  | { readonly kind: 'held'; readonly by: ProcessId };

const LOCK = /^lock-(\d+)$/;

/**
 * Takes the folder for this process, or says which living process has it. A lock is a file `lock-N` that appears
 * whole; what a dead process left is followed by the next number and then removed. Of two that took one at the
 * same time the lower number wins.
 */
export function takeLock(folder: string): LockOutcome {
  const mine = identify(process.pid)!;
  const draft = join(folder, `.lock-${process.pid}`);
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      const locks = listLocks(folder);
      const holder = locks.find(({ by }) => by && isAlive(by));
      if (holder?.by) return { kind: 'held', by: holder.by };
      const number = Math.max(0, ...locks.map((lock) => lock.number)) + 1;
      const path = join(folder, `lock-${number}`);
      if (!tryLink(draft, path)) continue;
      const before = listLocks(folder).find(
        (lock) => lock.number < number && lock.by && isAlive(lock.by),
      );
      if (before?.by) {
        rmSync(path, { force: true });
        return { kind: 'held', by: before.by };
      }
      for (const lock of locks) rmSync(join(folder, `lock-${lock.number}`), { force: true });
      return { kind: 'taken', release: () => rmSync(path, { force: true }) };
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Who has the folder, when a living process does. */
export function lockHolder(folder: string): ProcessId | undefined {
  return listLocks(folder).find(({ by }) => by && isAlive(by))?.by;
}

interface Lock {
  readonly number: number;
  /** Undefined when it has gone in the meantime. */
  readonly by: ProcessId | undefined;
}

function listLocks(folder: string): Lock[] {
  return readdirSync(folder)
    .flatMap((name) => LOCK.exec(name)?.[1] ?? [])
    .map((number) => ({ number: Number(number), by: readHolder(join(folder, `lock-${number}`)) }))
    .toSorted((one, other) => one.number - other.number);
}

function readHolder(path: string): ProcessId | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessId;
  } catch {
    return undefined;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
