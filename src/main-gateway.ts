import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Auth } from './auth/auth.ts';
import { createAuth } from './auth/auth.ts';
import { SYSTEM_PRINCIPAL } from './auth/principal.ts';
import { systemClock } from './base/clock.ts';
import { ClosingStack } from './base/closing-stack.ts';
import { keptText } from './base/kept-file.ts';
import { createLog } from './base/log.ts';
import { makeDirectory } from './base/make-directory.ts';
import { randomId } from './base/random-id.ts';
import { decideApproval } from './gateway/approvals/decide-approval.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { Environment, LoadedGatewayFile } from './gateway/load-gateway-file.ts';
import { openRemoteDirectory } from './gateway/remote-directory.ts';
import { openServerLink, type ServerLink } from './gateway/server-link.ts';
import { startGateway } from './gateway/start-gateway.ts';
import type { Approval } from './model/approval.ts';
import type { LinkDecision } from './model/gateway-link.ts';
import { openControlStore } from './storage/relational/control-store.ts';
import { lockDirectory } from './storage/relational/directory-lock.ts';

export interface StandaloneGateway {
  readonly url: string;
  readonly gateway: Gateway;
  /** Where the key for decisions is kept. */
  readonly keyFile: string;
  shutdown(): Promise<void>;
}

export interface StandaloneOptions {
  readonly file: LoadedGatewayFile;
  readonly dataDir: string;
  readonly env: Environment;
  readonly version: string;
}

export const OPERATOR_KEY_FILE = 'operator-key';
/** Where the running gateway says how it is reached. */
export const ADDRESS_FILE = 'address';

/**
 * The composition root of a gateway without a server: its approvals, keys and pinned tools are in a data directory of
 * its own. Throws `DATA_DIRECTORY_LOCKED` when another gateway uses that.
 */
export async function startStandaloneGateway(
  options: StandaloneOptions,
): Promise<StandaloneGateway> {
  const opened = new ClosingStack();
  try {
    return await start(options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function start(options: StandaloneOptions, opened: ClosingStack): Promise<StandaloneGateway> {
  const { file, dataDir, env, version } = options;
  const { config } = file;
  const log = createLog('warn');
  makeDirectory(dataDir, 0o700);
  const lock = lockDirectory(dataDir);
  opened.add(() => lock.release());
  const store = await openControlStore({ kind: 'sqlite', path: join(dataDir, 'gateway.db') });
  opened.add(() => store.close());
  const auth = createAuth({ store, clock: systemClock, loopbackOnly: true });
  const keyFile = await keepOperatorKey(auth, dataDir);
  const directory =
    config.server &&
    (await openRemoteDirectory({
      server: config.server,
      dataDir,
      clock: systemClock,
      onProblem: (message) => log.warn(message),
    }));
  opened.add(() => directory?.close());
  let link: ServerLink | undefined;
  // What is told to a server is kept for when it cannot be reached.
  const kept = config.server === undefined ? undefined : join(dataDir, 'calls.jsonl');
  const gateway = await startGateway({
    file: { ...file, config: { ...config, trace_file: config.trace_file ?? kept } },
    env,
    store,
    auth,
    directory,
    onChanged: () => link?.wake(),
    dataDir,
    clock: systemClock,
    log,
    version,
  });
  opened.add(() => gateway.shutdown());
  const url = await gateway.listen();
  link =
    config.server &&
    openServerLink({
      server: config.server,
      // Names the data directory, so that a new one is not taken for the one before.
      instance: keptText(join(dataDir, 'instance'), () => randomId('gtw')),
      url: config.approval.public_url ?? url,
      version,
      approvals: store.approvals,
      calls: gateway.calls,
      dangersOf: gateway.dangersOf,
      decide: (decision) => decideAsTold(gateway, decision),
      onProblem: (message) => log.warn(message),
    });
  opened.add(() => link?.close());
  const addressFile = join(dataDir, ADDRESS_FILE);
  writeFileSync(`${addressFile}.new`, url, { mode: 0o600 });
  renameSync(`${addressFile}.new`, addressFile);
  opened.add(() => rmSync(addressFile, { force: true }));
  let stopping: Promise<void> | undefined;
  return { url, gateway, keyFile, shutdown: () => (stopping ??= opened.close()) };
}

/** What somebody decided at the server, who may decide there: the gateway takes it as one of its own people's. */
async function decideAsTold(gateway: Gateway, decision: LinkDecision): Promise<Approval> {
  const approval = await gateway.desk.get(gateway.project, decision.approval);
  return decideApproval(gateway, approval, {
    status: decision.decision === 'approve' ? 'approved' : 'denied',
    actor: decision.by,
    reasoning: decision.reason ?? undefined,
  });
}

/** A key with which a person decides; made once, and readable by who runs the gateway alone. */
async function keepOperatorKey(auth: Auth, dataDir: string): Promise<string> {
  const path = join(dataDir, OPERATOR_KEY_FILE);
  if (existsSync(path) && readFileSync(path, 'utf8').startsWith('sbx_')) return path;
  const { secret } = await auth.apiKeys.create(
    { label: 'operator', scopes: ['governance:read', 'governance:write'] },
    SYSTEM_PRINCIPAL,
  );
  writeFileSync(path, secret, { mode: 0o600 });
  return path;
}

/**
 * Makes a key with which an agent proves its name, also beside a gateway that runs on the same directory. Answers the
 * secret, which is stored nowhere.
 */
export function createAgentKey(
  dataDir: string,
  agent: string,
  expiresInDays: number | undefined,
): Promise<string> {
  return withKeys(dataDir, async ({ apiKeys }) => {
    const key = { label: agent, scopes: ['gateway:call'], expiresInDays } as const;
    return (await apiKeys.create(key, SYSTEM_PRINCIPAL)).secret;
  });
}

/** Answers how many keys of the agent were revoked. A gateway that runs takes notice within five seconds. */
export function revokeAgentKeys(dataDir: string, agent: string): Promise<number> {
  return withKeys(dataDir, async ({ apiKeys }) => {
    const keys = await apiKeys.list(SYSTEM_PRINCIPAL);
    const live = keys.filter(
      ({ label, scopes, revokedAtMs }) =>
        label === agent && scopes.includes('gateway:call') && revokedAtMs === null,
    );
    for (const { id } of live) await apiKeys.revoke(id, SYSTEM_PRINCIPAL);
    return live.length;
  });
}

async function withKeys<T>(dataDir: string, work: (auth: Auth) => Promise<T>): Promise<T> {
  makeDirectory(dataDir, 0o700);
  const store = await openControlStore({ kind: 'sqlite', path: join(dataDir, 'gateway.db') });
  try {
    return await work(createAuth({ store, clock: systemClock, loopbackOnly: true }));
  } finally {
    await store.close();
  }
}
