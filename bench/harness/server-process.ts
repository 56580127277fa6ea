import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const CLOCK_TICKS = 100;

/** The built product as a process of its own, with its counters as the kernel sees them. */
export interface ServerProcess {
  readonly url: string;
  readonly dataDir: string;
  readonly key: string;
  /** User and system time so far; seconds. */
  cpuSeconds(): number;
  /** Resident memory now and at its highest; bytes. */
  memory(): { readonly now: number; readonly peak: number };
  token(): Promise<string>;
  stop(): Promise<void>;
}

export async function startServerProcess(
  options: { readonly dataDir?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<ServerProcess> {
  const dataDir =
    options.dataDir ?? mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'signalbox-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [
    'bin/signalbox.js',
    'serve',
    '--data-dir',
    dataDir,
    '--http',
    `127.0.0.1:${port}`,
    '--grpc',
    'off',
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, SIGNALBOX_ADMIN_PASSWORD: 'bench-password', ...options.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await untilHealthy(child, url);
  const pid = child.pid!;
  return {
    url,
    dataDir,
    key: /sbx_[\w-]+/.exec(output)?.[0] ?? '',
    cpuSeconds: () => cpuSecondsOf(pid),
    memory: () => ({ now: statusOf(pid, 'VmRSS'), peak: statusOf(pid, 'VmHWM') }),
    token: () => login(url),
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

function statusOf(pid: number, name: string): number {
  const line = new RegExp(`${name}:\\s+(\\d+) kB`).exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  );
  return Number(line?.[1] ?? 0) * 1024;
}

async function login(url: string): Promise<string> {
  const answer = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'bench-password' }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function untilHealthy(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    try {
      if ((await fetch(`${url}/health`)).status === 200) return;
    } catch {
      // Not listening yet.
    }
    await delay(20);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
