import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pino } from 'pino';
import { stringify } from 'yaml';

import { createAuth, type Auth } from '../../src/auth/auth.ts';
import { SYSTEM_PRINCIPAL } from '../../src/auth/principal.ts';
import type { Scope } from '../../src/auth/scope.ts';
import type { AgentDirectory } from '../../src/gateway/agent-directory.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { loadGatewayFile } from '../../src/gateway/load-gateway-file.ts';
import { startGateway } from '../../src/gateway/start-gateway.ts';
import type { ControlStore } from '../../src/storage/control-store.ts';
import { openControlStore } from '../../src/storage/relational/control-store.ts';

export interface GatewayAnswer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads any field of any answer
  readonly body: any;
}

export interface GatewayRequest {
  readonly agent?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A gateway in this process, on a real port, over a real database, with a clock that the test sets. */
export interface TestGateway {
  readonly gateway: Gateway;
  readonly store: ControlStore;
  readonly auth: Auth;
  readonly url: string;
  readonly directory: string;
  readonly clock: { nowMs: number };
  /** A key with which a person decides. */
  readonly operator: string;
  /** What was logged as a problem. */
  readonly problems: readonly string[];
  keyOf(label: string, ...scopes: Scope[]): Promise<string>;
  ask(method: string, path: string, body?: unknown, how?: GatewayRequest): Promise<GatewayAnswer>;
  tool(name: string, params?: unknown, how?: GatewayRequest): Promise<GatewayAnswer>;
  /** Stops, and starts anew on the same data. */
  restart(): Promise<TestGateway>;
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  readonly directory?: string;
  readonly agents?: AgentDirectory;
  readonly clock?: { nowMs: number };
}

/** `config` is the gateway's file; it listens on a free port. */
export async function startTestGateway(
  config: Readonly<Record<string, unknown>>,
  options: TestGatewayOptions = {},
): Promise<TestGateway> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'signalbox-gateway-'));
  const path = join(directory, 'gateway.yaml');
  writeFileSync(path, stringify({ port: 0, ...config }));
  const given = options.clock ?? { nowMs: Date.now() };
  const clock = {
    get nowMs() {
      return given.nowMs;
    },
    set nowMs(ms) {
      given.nowMs = ms;
    },
    now: () => given.nowMs,
  };
  const store = await openControlStore({
    kind: 'sqlite',
    path: join(directory, 'gateway.db'),
    clock,
  });
  const auth = createAuth({ store, clock, loopbackOnly: true });
  const keyOf = async (label: string, ...scopes: Scope[]): Promise<string> =>
    (await auth.apiKeys.create({ label, scopes }, SYSTEM_PRINCIPAL)).secret;
  const operator = await keyOf('operator', 'governance:read', 'governance:write');
  const problems: string[] = [];
  const log = pino(
    { level: 'warn' },
    { write: (line: string) => void problems.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const gateway = await startGateway({
    file: loadGatewayFile(path, process.env),
    env: process.env,
    store,
    auth,
    directory: options.agents,
    dataDir: directory,
    clock,
    log,
    version: '1.2.3',
  });
  const url = await gateway.listen();
  const stop = async (): Promise<void> => {
    await gateway.shutdown();
    await store.close();
  };
  const ask: TestGateway['ask'] = async (method, route, body, how = {}) => {
    const authorization = how.key ?? (how.agent === undefined ? undefined : `agent:${how.agent}`);
    const answer = await fetch(`${url}${route}`, {
      method,
      headers: {
        ...(authorization === undefined ? {} : { authorization: `Bearer ${authorization}` }),
        ...how.headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(how.signal === undefined ? {} : { signal: how.signal }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: answer.status,
      headers: answer.headers,
      body: isJson ? (JSON.parse(text) as unknown) : text,
    };
  };
  return {
    gateway,
    store,
    auth,
    url,
    directory,
    clock,
    operator,
    problems,
    keyOf,
    ask,
    tool: (name, params = {}, how = { agent: 'claude' }) =>
      ask('POST', `/tool/${name}`, { params }, how),
    async restart() {
      await stop();
      return startTestGateway(config, { ...options, directory, clock: given });
    },
    async close() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
