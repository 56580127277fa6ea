import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';

import { readJsonFile } from './read-session.ts';
import type { Session } from './read-session.ts';

/** The process of a recorded agent, with what tells it from a later one of the same number. */
interface AgentProcess {
  readonly pid: number;
  /** Clock ticks since the machine started, where the system tells them; '' elsewhere. */
  readonly started: string;
}

const SHELLS = /^(?:sh|bash|dash|zsh|fish|busybox|env|npm|npx)$/;
const KILL_AFTER_MS = 5_000;

/** Notes who called a hook: the nearest process above that is no shell. */
export function noteAgentProcess(directory: string, parentPid: number): void {
  const path = join(directory, 'agent.json');
  if (existsSync(path)) return;
  let pid = parentPid;
  for (let steps = 0; steps < 5; steps += 1) {
    const stat = statOf(pid);
    if (stat === undefined || !SHELLS.test(stat.name) || stat.parent <= 1) break;
    pid = stat.parent;
  }
  const agent: AgentProcess = { pid, started: statOf(pid)?.started ?? '' };
  writeFileSync(path, JSON.stringify(agent), { mode: 0o600 });
}

/** Linux alone tells; undefined elsewhere and for who is gone. */
function statOf(pid: number): { name: string; parent: number; started: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    const fields = text.slice(end + 2).split(' ');
    return {
      name: text.slice(text.indexOf('(') + 1, end),
      parent: Number(fields[1]),
      started: fields[19]!,
    };
  } catch {
    return undefined;
  }
}

/** The process of a session that still runs; undefined when none is known or it is another one by now. */
export function agentProcessOf(session: Session): number | undefined {
  const agent = readJsonFile(join(session.directory, 'agent.json'));
  const pid = agent?.['pid'];
  if (typeof pid !== 'number' || pid <= 1 || !isRunning(pid)) return undefined;
  const started = agent!['started'];
  return started === '' || statOf(pid)?.started === started ? pid : undefined;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** SIGTERM, and SIGKILL to who is still there after five seconds. */
export async function endProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + KILL_AFTER_MS;
  while (isRunning(pid) && Date.now() < deadline) await sleep(50);
  if (isRunning(pid)) process.kill(pid, 'SIGKILL');
}
