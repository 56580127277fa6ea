import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { lockHolder, takeLock } from './platform-lock.ts';
import { isAlive, signalGroup } from './process-group.ts';
import type { ProcessId } from './process-group.ts';
import { readState, removeState } from './state-file.ts';
import type { PlatformFolders, PlatformState } from './state-file.ts';

const POLL_MS = 50;
/** How long a supervisor may take to stop what it runs before it is killed. */
const SUPERVISOR_MS = 60_000;

export interface Stopped {
  /** Whether there was anything to stop. */
  readonly wasUp: boolean;
  /** Processes that had lost their supervisor. */
  readonly orphans: readonly string[];
}

/** Stops a platform: its supervisor, which stops the rest, and whatever an earlier one left behind. */
export async function stopPlatform(folders: PlatformFolders, stopMs: number): Promise<Stopped> {
  if (!existsSync(folders.state)) return { wasUp: false, orphans: [] };
  const holder = lockHolder(folders.state);
  if (holder !== undefined) {
    process.kill(holder.pid, 'SIGTERM');
    if (!(await hasEnded(holder, SUPERVISOR_MS))) process.kill(holder.pid, 'SIGKILL');
    await hasEnded(holder, stopMs);
  }
  const lock = takeLock(folders.state);
  // Somebody has brought it up again in the meantime: what is there now is theirs.
  if (lock.kind === 'held') return { wasUp: true, orphans: [] };
  try {
    const orphans = await endOrphans(readState(folders), stopMs);
    removeState(folders);
    return { wasUp: holder !== undefined || orphans.length > 0, orphans };
  } finally {
    lock.release();
  }
}

/** Ends the processes that a supervisor left when it was killed; answers their names. */
export async function endOrphans(
  state: PlatformState | undefined,
  stopMs: number,
): Promise<string[]> {
  const left = orphansOf(state);
  await Promise.all(left.map(({ id }) => endProcess(id, stopMs)));
  return left.map(({ name }) => name);
}

interface Orphan {
  readonly name: string;
  readonly id: ProcessId;
}

/** Processes of the state that live; they are orphans when its supervisor does not. */
export function orphansOf(state: PlatformState | undefined): Orphan[] {
  if (state === undefined || isAlive(state.supervisor)) return [];
  return state.processes.flatMap(({ name, process: id }) =>
    id !== null && isAlive(id) ? [{ name, id }] : [],
  );
}

async function endProcess(id: ProcessId, stopMs: number): Promise<void> {
  signalGroup(id.pid, 'SIGTERM');
  await hasEnded(id, stopMs);
  signalGroup(id.pid, 'SIGKILL');
  await hasEnded(id, stopMs);
}

async function hasEnded(id: ProcessId, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isAlive(id)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
