import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { FastifyBaseLogger } from 'fastify';

import { createAgentReview } from './analysis/agent-review.ts';
import type { Registry } from './analysis/registry.ts';
import { startRegistry } from './analysis/registry.ts';
import type { RootSpanPatterns } from './analysis/root-span-patterns.ts';
import { loadRootSpanPatterns } from './analysis/root-span-patterns.ts';
import { createAdministratorLink } from './auth/administrator.ts';
import type { Auth } from './auth/auth.ts';
import { createAuth } from './auth/auth.ts';
import { createDemoKey } from './auth/demo-key.ts';
import type { FirstStart } from './auth/first-start.ts';
import { prepareFirstStart } from './auth/first-start.ts';
import { DEFAULT_PROJECT } from './auth/principal.ts';
import { Broadcast } from './base/broadcast.ts';
import { systemClock } from './base/clock.ts';
import { ClosingStack } from './base/closing-stack.ts';
import { createLog } from './base/log.ts';
import { makeDirectory } from './base/make-directory.ts';
import { openSigningKey } from './base/signing-key.ts';
import type { Config } from './config.ts';
import { messageOf } from './errors.ts';
import type { Change } from './model/change.ts';
import type { EmitOwn } from './main-quality.ts';
import { openGateways } from './main-gateways.ts';
import { startMonitoring, type Monitoring, type MonitoringParts } from './main-monitoring.ts';
import { Admission } from './pipeline/admission.ts';
import { DiskGuard } from './pipeline/disk-guard.ts';
import type { IngestClient } from './pipeline/ingest-client.ts';
import { openQueries } from './main-queries.ts';
import { createTraceQuery } from './query/create-trace-query.ts';
import { isLoopbackHost, parseAddress } from './receiver/config.ts';
import { TelemetryIntake } from './receiver/telemetry-intake.ts';
import { RUN_ROOT_NAMES } from './semconv/run-root.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import { openEmbeddedEngine } from './storage/clickhouse/engine-embedded.ts';
import { migrate } from './storage/clickhouse/migrate.ts';
import { createTraceStore } from './storage/clickhouse/trace-store.ts';
import { startAnalysis } from './main-analysis.ts';
import type { ControlStore } from './storage/control-store.ts';
import { openControlStore } from './storage/relational/control-store.ts';
import { lockDirectory } from './storage/relational/directory-lock.ts';
import { openDoors, type Doors } from './main-doors.ts';
import {
  deadLetterBox,
  LAST_INSERT_MS,
  startIngest,
  startReplay,
  stopIngest,
  takeOwn,
  withinMs,
} from './main-ingest.ts';

export interface RunningServer {
  readonly httpUrl: string;
  /** `HOST:PORT`, or `off`. */
  readonly grpcAddress: string;
  /** Present on the first start of an installation alone. */
  readonly firstStart?: {
    readonly signInUrl: string;
    readonly ingestKey?: string | undefined;
    readonly adminPassword?: string | undefined;
  };
  /** Whether telemetry from this machine needs a key, as it does when others can reach the server. */
  readonly keyNeeded: boolean;
  /** A new address that signs an administrator in once, within an hour. */
  createSignIn(): Promise<{ readonly username: string; readonly signInUrl: string }>;
  /** A key for the made-up agents; undefined where telemetry from this machine needs none. */
  createDemoKey(): Promise<string | undefined>;
  /** Finishes what was accepted and stops. Safe to call twice. */
  shutdown(): Promise<void>;
}

/** The composition root: builds, starts, and stops in reverse. A start that fails leaves nothing open. */
export async function startServer(config: Config): Promise<RunningServer> {
  const opened = new ClosingStack();
  try {
    return await start(config, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function start(config: Config, opened: ClosingStack): Promise<RunningServer> {
  const log = createLog(config.logLevel);
  makeDirectory(config.dataDir, 0o700);
  const stores = await openStores(config, opened);
  const auth = authOf(config, stores.control);
  const registry = await openRegistry(stores.control, log);
  opened.add(() => registry.shutdown());
  const rootSpanPatterns = await openRootSpanPatterns(stores.control);
  const changes = new Broadcast<Change>();
  const emit: EmitOwn = (...own) => takeOwn({ ingest, registry }, ...own);
  const analysis = await startAnalysis(config, { ...stores, emit, log, changes });
  opened.add(() => analysis.shutdown());
  const { engine } = stores;
  const names = runRootNames([rootSpanPatterns.get(DEFAULT_PROJECT)]);
  const ingestParts = { engine, registry, analysis, log, names, changes };
  const { ingest, inserter, deadLetters } = startIngest(config, ingestParts);
  rootSpanPatterns.onChange(
    (patterns) => void ingest.setRunRootNames(runRootNames(patterns.values())),
  );
  opened.add(async () => {
    inserter.abandon();
    await ingest.shutdown();
  });
  const stopReplay = await startReplay(ingest, inserter, log);
  opened.add(() => stopReplay.abort());
  const diskGuard = await guardDisk(config, opened);
  const intake = createIntake(config, { auth, ingest, diskGuard, registry });
  const qualityResults = analysis.api.quality.results;
  const watched = { store: stores.control, engine: stores.engine, registry, qualityResults };
  const monitoring = watchOver(config, watched, log);
  opened.add(() => monitoring.shutdown());
  const parts = { auth, analysis, monitoring, intake, changes, log, version: productVersion() };
  const queries = openQueries(config.query, { engine, clock: systemClock, log, opened });
  const gateways = await openGateways(config, { ...stores, ...parts });
  opened.add(() => gateways.shutdown());
  const doors = await openDoors(config, log, intake, (addresses) => ({
    ...monitoring.api,
    auth,
    store: stores.control,
    registry,
    agentReview: createAgentReview({ agents: stores.control.agents, clock: systemClock }),
    rootSpanPatterns,
    traces: stores.traces,
    ...queries.api,
    ...analysis.api,
    telemetryStats: stores.traces,
    deadLetters: deadLetterBox(deadLetters, ingest),
    evidenceKey: openSigningKey(join(config.dataDir, 'evidence-signing-key.pem')),
    ...gateways.api,
    changes,
    clock: systemClock,
    addresses,
    version: productVersion(),
  }));
  opened.add(() => doors.shutdown());
  // Its secrets are told once, so they are made when nothing can hinder the start any more.
  const firstStart = await prepareFirstStart(auth, config);
  doors.admit();

  const stop = async (): Promise<void> => {
    await Promise.all([doors.shutdown(), queries.shutdown()]);
    await gateways.shutdown();
    stopReplay.abort();
    diskGuard.shutdown();
    const stored = await stopIngest(ingest, inserter);
    await monitoring.shutdown();
    await registry.shutdown();
    const idle = (await withinMs(analysis.shutdown(), LAST_INSERT_MS)) && stored;
    // An engine in the midst of an insert is left to the end of the process, as a crash would.
    if (idle) await stores.close();
  };
  return runningServer({ config, auth, doors, firstStart, stop });
}

async function guardDisk(config: Config, opened: ClosingStack): Promise<DiskGuard> {
  const guard = new DiskGuard(config.dataDir, config.pipeline.diskReserveBytes);
  await guard.start();
  opened.add(() => guard.shutdown());
  return guard;
}

function authOf(config: Config, store: ControlStore): Auth {
  return createAuth({ store, clock: systemClock, loopbackOnly: isLoopbackOnly(config) });
}

function watchOver(
  config: Config,
  parts: Omit<MonitoringParts, 'config' | 'clock' | 'onProblem'>,
  log: FastifyBaseLogger,
): Monitoring {
  const onProblem = (message: string): void => log.warn(message);
  return startMonitoring({ ...parts, config: config.monitoring, clock: systemClock, onProblem });
}

function openRootSpanPatterns({ settings }: ControlStore): Promise<RootSpanPatterns> {
  return loadRootSpanPatterns({ settings, clock: systemClock });
}

function openRegistry({ agents }: ControlStore, log: FastifyBaseLogger): Promise<Registry> {
  return startRegistry({
    agents,
    clock: systemClock,
    onFlushError: (error) =>
      log.error(`cannot note when agents were last seen: ${messageOf(error)}`),
  });
}

function runningServer(parts: {
  config: Config;
  auth: Auth;
  doors: Doors;
  firstStart: FirstStart | undefined;
  stop: () => Promise<void>;
}): RunningServer {
  const { auth, config, doors, firstStart } = parts;
  const signInUrlOf = (token: string): string => `${doors.httpUrl}/auth/link?token=${token}`;
  const keyNeeded = !isLoopbackOnly(config);
  let stopping: Promise<void> | undefined;
  return {
    httpUrl: doors.httpUrl,
    grpcAddress: doors.grpcAddress,
    ...(firstStart && {
      firstStart: {
        signInUrl: signInUrlOf(firstStart.linkToken),
        ingestKey: firstStart.ingestKey,
        adminPassword: firstStart.adminPassword,
      },
    }),
    keyNeeded,
    async createSignIn() {
      const { username, linkToken } = await createAdministratorLink(auth, config.adminUsername);
      return { username, signInUrl: signInUrlOf(linkToken) };
    },
    createDemoKey: async () => (keyNeeded ? createDemoKey(auth) : undefined),
    shutdown: () => (stopping ??= parts.stop()),
  };
}

function createIntake(
  config: Config,
  parts: { auth: Auth; ingest: IngestClient; diskGuard: DiskGuard; registry: Registry },
): TelemetryIntake {
  return new TelemetryIntake({
    gate: parts.auth.telemetryAuthorizer,
    consumer: parts.ingest,
    admission: new Admission(config.pipeline.inflightBytesMax),
    requireRoom: () => parts.diskGuard.requireRoom(),
    observe: async (sightings) => (await parts.registry.observe(sightings)).discovered.length,
    clock: systemClock,
    requestBytesMax: config.pipeline.requestBytesMax,
    bodyTimeoutMs: config.bodyTimeoutMs,
  });
}

async function openStores(
  config: Config,
  opened: ClosingStack,
): Promise<{
  engine: Engine;
  control: ControlStore;
  traces: ReturnType<typeof createTraceQuery>;
  close(): Promise<void>;
}> {
  // Before the engine, which reports a lock of its own in words of its own, on standard error.
  const lock = lockDirectory(config.dataDir);
  opened.add(() => lock.release());
  const engine = await openEmbeddedEngine(join(config.dataDir, 'engine'), config.storage);
  opened.add(() => engine.close());
  await migrate(engine);
  const control = await openControlStore({
    kind: 'sqlite',
    path: join(config.dataDir, 'control.db'),
  });
  opened.add(() => control.close());
  return {
    engine,
    control,
    traces: createTraceQuery(createTraceStore(engine)),
    async close() {
      await engine.close();
      await control.close();
      lock.release();
    },
  };
}

/** Whether nobody but this machine can reach the server. */
function isLoopbackOnly(config: Config): boolean {
  const addresses = config.grpc === 'off' ? [config.http] : [config.http, config.grpc];
  return (
    config.trustLoopback && addresses.every((address) => isLoopbackHost(parseAddress(address).host))
  );
}

function runRootNames(patterns: Iterable<readonly string[]>): readonly string[] {
  return [...new Set([...RUN_ROOT_NAMES, ...[...patterns].flat()])];
}

function productVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
