import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { buildProduct, ROOT } from './build.ts';
import { eventually } from './eventually.ts';
import { killAll, run } from './process.ts';
import type { Exit, Running, RunOptions } from './process.ts';

export interface ServerOptions {
  /** The command and its first arguments; the built `signalbox serve` by default. */
  readonly command?: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly dataDir?: string;
  readonly args?: readonly string[];
  readonly env?: RunOptions['env'];
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: { success?: boolean; data?: unknown; error?: string; code?: string };
}

/** The built product as a child process, on ports and in a data directory of its own. */
export interface TestServer {
  readonly url: string;
  readonly grpcAddress: string;
  readonly dataDir: string;
  /** The key that the first start printed. */
  readonly ingestKey: string;
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** A REST call as the administrator; `body` is sent as JSON. */
  api(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
  adminToken(): Promise<string>;
  /** SIGTERM, and how the process ended. */
  stop(): Promise<Exit>;
  signal(name: NodeJS.Signals): void;
  exited(): Promise<Exit>;
  /** kill -9: nothing of the process runs any more when this returns. */
  kill9(): Promise<void>;
  /** Starts again on the same ports and data, after `stop` or `kill9`; both are added to what it was started with. */
  restart(env?: RunOptions['env'], moreArgs?: readonly string[]): Promise<void>;
  /** Stops it if it runs and deletes its data. */
  dispose(): Promise<void>;
}

export const ADMIN = { username: 'admin', password: 'signal-box-test-password' } as const;

const START_TIMEOUT_MS = 60_000;

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(path.join(tmpdir(), 'signalbox-test-'));
}

async function waitUntilHealthy(running: Running, url: string): Promise<void> {
  await eventually(
    'a healthy server',
    async () => {
      if (running.isOver()) return 'over';
      const answer = await fetch(`${url}/health`);
      return answer.status === 200 ? 'healthy' : undefined;
    },
    START_TIMEOUT_MS,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${running.stdout()}\n${running.stderr()}`, { cause: error });
  });
  if (running.isOver()) {
    throw new Error(
      `the server ended before it was healthy\n${running.stdout()}\n${running.stderr()}`,
    );
  }
}

async function login(url: string): Promise<string> {
  const answer = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  const body = (await answer.json()) as { access_token?: string };
  if (body.access_token === undefined) {
    throw new Error(`login answered ${answer.status}: ${JSON.stringify(body)}`);
  }
  return body.access_token;
}

/** Starts the product and returns once it is healthy. Call `dispose` when done. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  if (!options.command) buildProduct();
  const dataDir = options.dataDir ?? path.join(await temporaryFolder(), 'data');
  const [httpPort, grpcPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${httpPort}`;
  const grpcAddress = `127.0.0.1:${grpcPort}`;
  const [command, ...first] = options.command ?? [
    process.execPath,
    path.join(ROOT, 'bin', 'signalbox.js'),
    'serve',
  ];
  const args = [
    ...first,
    '--data-dir',
    dataDir,
    '--http',
    `127.0.0.1:${httpPort}`,
    '--grpc',
    grpcAddress,
    ...(options.args ?? []),
  ];
  const env = { SIGNALBOX_ADMIN_PASSWORD: ADMIN.password, ...options.env };
  let running: Running;
  let token: string | undefined;
  const launch = async (
    changes: RunOptions['env'] = {},
    moreArgs: readonly string[] = [],
  ): Promise<void> => {
    running = run(command, [...args, ...moreArgs], {
      cwd: options.cwd ?? ROOT,
      env: { ...env, ...changes },
    });
    await waitUntilHealthy(running, url);
  };
  await launch();
  const ingestKey = await eventually(
    'the ingest key',
    () => /sbx_[\w-]+/.exec(running.stdout())?.[0],
  );
  const adminToken = async (): Promise<string> => (token ??= await login(url));
  const kill9 = async (): Promise<void> => {
    killAll(running.child);
    await running.exited;
  };
  return {
    url,
    grpcAddress,
    dataDir,
    ingestKey,
    get pid() {
      return running.child.pid!;
    },
    stdout: () => running.stdout(),
    stderr: () => running.stderr(),
    adminToken,
    async api(method, route, body) {
      const headers: Record<string, string> = { authorization: `Bearer ${await adminToken()}` };
      if (body !== undefined) headers['content-type'] = 'application/json';
      const answer = await fetch(`${url}${route}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return {
        status: answer.status,
        body: text === '' ? {} : (JSON.parse(text) as ApiAnswer['body']),
      };
    },
    async stop() {
      running.child.kill('SIGTERM');
      return await running.exited;
    },
    signal: (name) => void running.child.kill(name),
    exited: async () => await running.exited,
    kill9,
    restart: launch,
    async dispose() {
      if (!running.isOver()) await kill9();
      if (options.dataDir === undefined)
        await rm(path.dirname(dataDir), { recursive: true, force: true });
    },
  };
}
