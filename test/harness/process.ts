import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process whose output is kept and which does not outlive the test run. */
export interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  /** True once the process has ended. */
  isOver(): boolean;
  stdout(): string;
  stderr(): string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the clean environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) killAll(child);
});

/** kill -9 for a process and everything it started. */
export function killAll(child: ChildProcess): void {
  try {
    // Each child leads a process group of its own, which a negative id names.
    process.kill(-child.pid!, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The environment of the test run without what would steer the product, its SDKs or a child Node. */
export function cleanEnvironment(): Record<string, string> {
  const steering = /^(SIGNALBOX_|OTEL_|VITEST|NODE_OPTIONS$|NODE_ENV$|UV_THREADPOOL_SIZE$|npm_)/;
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && !steering.test(pair[0]),
    ),
  );
}

/** Starts a program; `env` is added to the clean environment. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  alive.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  let over = false;
  const exited = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      over = true;
      alive.delete(child);
      resolve({ code, signal });
    });
  });
  exited.catch(() => undefined);
  return { child, exited, isOver: () => over, stdout: () => stdout, stderr: () => stderr };
}

export interface Finished extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function finish(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const running = run(command, args, options);
  const exit = await running.exited;
  return { ...exit, stdout: running.stdout(), stderr: running.stderr() };
}
