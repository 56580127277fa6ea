import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** A process that stays the same one: ids are used again, together with the time of the start they are not. */
export interface ProcessId {
  readonly pid: number;
  readonly startedAt: string;
}

/** What tells the process with this id from an earlier one; undefined when there is none (any more). */
export function identify(pid: number): ProcessId | undefined {
  const startedAt = existsSync('/proc/self/stat') ? startFromProc(pid) : startFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isAlive(id: ProcessId): boolean {
  return identify(id.pid)?.startedAt === id.startedAt;
}

/** Sends a signal to a process and all that it started; false when none of them is there. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    // Each process of a platform leads a group of its own, which a negative id names.
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EPERM: what is left of it has ended and waits to be reaped (macOS).
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}

/** Clock ticks from the boot to the start (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, field 22). */
function startFromProc(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startFromPs(pid: number): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [state = '', ...start] = text.split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}
