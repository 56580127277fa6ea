import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { stringify } from 'yaml';

import { buildProduct, ROOT } from './build.ts';
import { eventually } from './eventually.ts';
import { killAll, run, type Exit, type Running } from './process.ts';
import { freePort } from './server.ts';

const SIGNALBOX = path.join(ROOT, 'bin', 'signalbox.js');

/** The built `signalbox gateway` as a child process. */
export interface GatewayProcess {
  readonly url: string;
  readonly config: string;
  readonly dataDir: string;
  /** With which a person decides. */
  operator(): string;
  stderr(): string;
  post(
    route: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
  get<T>(route: string): Promise<T>;
  kill9(): Promise<void>;
  stop(): Promise<Exit>;
  restart(): Promise<void>;
}

/** Starts one in `folder` and waits until it answers and its MCP servers are there. */
export async function startGatewayProcess(
  folder: string,
  config: Readonly<Record<string, unknown>>,
): Promise<GatewayProcess> {
  buildProduct();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const dataDir = path.join(folder, 'data');
  const file = path.join(folder, 'gateway.yaml');
  writeFileSync(file, stringify({ port, data_dir: dataDir, ...config }));
  let running: Running;
  const restart = async (): Promise<void> => {
    running = run(process.execPath, [SIGNALBOX, 'gateway', '--config', file], { cwd: folder });
    await eventually(
      'the gateway',
      async () => {
        if (running.isOver()) throw new Error(`it ended: ${running.stderr()}`);
        const answer = await fetch(`${url}/mcp-servers`);
        const servers = (await answer.json()) as { readonly state: string }[];
        return servers.every(({ state }) => state === 'ready') ? true : undefined;
      },
      60_000,
    );
  };
  await restart();
  return {
    url,
    config: file,
    dataDir,
    operator: () => readFileSync(path.join(dataDir, 'operator-key'), 'utf8'),
    stderr: () => running.stderr(),
    async post(route, body, headers = { authorization: 'Bearer agent:claude' }) {
      const answer = await fetch(url + route, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    get: async <T>(route: string) => (await (await fetch(url + route)).json()) as T,
    async kill9() {
      killAll(running.child);
      await running.exited;
    },
    async stop() {
      running.child.kill('SIGTERM');
      return running.exited;
    },
    restart,
  };
}

export { SIGNALBOX };
