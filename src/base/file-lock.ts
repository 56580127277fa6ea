import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';

const WAIT_MS = 2;
/** Whoever holds a lock for longer than this has gone. */
const STALE_MS = 10_000;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Does `work` while no other process holds the lock at `path`, and returns what it returns; waits up to `timeoutMs`.
 * Synchronous, for work of milliseconds. Undefined when the lock did not come free.
 */
export function withFileLock<T>(path: string, timeoutMs: number, work: () => T): T | undefined {
  const deadline = Date.now() + timeoutMs;
  while (!tryLock(path)) {
    breakAbandoned(path);
    if (Date.now() >= deadline) return undefined;
    Atomics.wait(sleeper, 0, 0, WAIT_MS);
  }
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  writeSync(file, String(process.pid));
  closeSync(file);
  return true;
}

/** Only one at a time may break a lock, so that nobody breaks the one that was taken after it. */
function breakAbandoned(path: string): void {
  if (!isAbandoned(path)) return;
  const breaking = `${path}.break`;
  if (!tryLock(breaking)) {
    if (isAbandoned(breaking)) rmSync(breaking, { force: true });
    return;
  }
  if (isAbandoned(path)) rmSync(path, { force: true });
  rmSync(breaking, { force: true });
}

/** Whether who took the lock is no more, or has had it beyond all measure. */
function isAbandoned(path: string): boolean {
  try {
    const ageMs = Date.now() - statSync(path).mtimeMs;
    if (ageMs > STALE_MS) return true;
    const pid = Number(readFileSync(path, 'utf8'));
    // Between making the file and writing into it there is a moment without a name.
    if (!(pid > 0)) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
