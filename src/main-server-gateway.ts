import { join } from 'node:path';

import type { FastifyBaseLogger } from 'fastify';

import type { BudgetBook } from './analysis/budgets/budget-book.ts';
import type { GatewayBox } from './api/gateway-box.ts';
import type { Auth } from './auth/auth.ts';
import { DEFAULT_PROJECT } from './auth/principal.ts';
import type { Broadcast } from './base/broadcast.ts';
import { systemClock } from './base/clock.ts';
import { ClosingStack } from './base/closing-stack.ts';
import { makeDirectory } from './base/make-directory.ts';
import { environment, type Config } from './config.ts';
import { messageOf } from './errors.ts';
import { tracesJson } from './exporter/traces-json.ts';
import type { AgentDirectory, AgentFacts } from './gateway/agent-directory.ts';
import { decideApproval } from './gateway/approvals/decide-approval.ts';
import type { Gateway } from './gateway/gateway.ts';
import {
  loadGatewayFile,
  type Environment,
  type LoadedGatewayFile,
} from './gateway/load-gateway-file.ts';
import { dryRun } from './gateway/policy/dry-run.ts';
import { policiesInForce } from './gateway/policy/policies-in-force.ts';
import { proposedPolicies } from './gateway/policy/proposed-policies.ts';
import {
  agentKey,
  pollDirectory,
  type KnownAgents,
  type PolledDirectory,
} from './gateway/polled-directory.ts';
import { startGateway } from './gateway/start-gateway.ts';
import type { Analysis } from './main-analysis.ts';
import type { Monitoring } from './main-monitoring.ts';
import type { Change } from './model/change.ts';
import { toDollars } from './model/money.ts';
import type { SpanBatch } from './model/outgoing-telemetry.ts';
import type { TelemetryIntake } from './receiver/telemetry-intake.ts';
import type { AgentActivityStore } from './storage/agent-activity-store.ts';
import type { Agent } from './storage/agent-store.ts';
import { createAgentActivityStore } from './storage/clickhouse/agent-activity-store.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import type { ControlStore } from './storage/control-store.ts';
import type { RunStore } from './storage/run-store.ts';

interface ServerGatewayParts {
  /** The gateway's file. */
  readonly path: string;
  readonly env: Environment;
  readonly dataDir: string;
  readonly store: ControlStore;
  readonly auth: Auth;
  readonly runs: Pick<RunStore, 'findRuns'>;
  readonly activity: Pick<AgentActivityStore, 'sumSpend'>;
  readonly budgetState: BudgetBook['budgetState'];
  readonly intake: Pick<TelemetryIntake, 'take'>;
  readonly changes: Broadcast<Change>;
  readonly log: FastifyBaseLogger;
  readonly version: string;
}

export interface ServerGateway {
  /** What the routes ask of it. */
  readonly box: GatewayBox;
  shutdown(): Promise<void>;
}

const AGENTS_PAGE = 500;
/** As many as the log of calls holds. */
const DRY_RUN_CALLS_MAX = 10_000;
const REFRESH_MS = 5_000;
const SPANS_FLUSH_MS = 200;
const SPANS_WAITING_MAX = 10_000;
const WARNING_PERCENT = 80;

/** A gateway inside the server, when the configuration names its file. */
export async function openServerGateway(
  config: Config,
  parts: Pick<ServerGatewayParts, 'auth' | 'intake' | 'changes' | 'log' | 'version'> & {
    readonly control: ControlStore;
    readonly engine: Engine;
    readonly analysis: Pick<Analysis, 'runStore'>;
    readonly monitoring: Pick<Monitoring, 'budgetState'>;
  },
): Promise<ServerGateway | undefined> {
  if (config.gateway === undefined) return undefined;
  const { auth, intake, changes, log, version } = parts;
  return startServerGateway({
    path: config.gateway,
    env: environment(),
    dataDir: config.dataDir,
    store: parts.control,
    runs: parts.analysis.runStore,
    activity: createAgentActivityStore(parts.engine),
    budgetState: parts.monitoring.budgetState,
    auth,
    intake,
    changes,
    log,
    version,
  });
}

/**
 * A gateway inside the server: its approvals stand in the server's control store, agents' review states are the
 * registry's, and each call's span is telemetry like any other.
 */
async function startServerGateway(parts: ServerGatewayParts): Promise<ServerGateway> {
  const opened = new ClosingStack();
  try {
    return await start(parts, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function start(parts: ServerGatewayParts, opened: ClosingStack): Promise<ServerGateway> {
  const { path, env, store, auth, changes, log, version } = parts;
  const file = loadGatewayFile(path, env);
  const dataDir = join(parts.dataDir, 'gateway');
  makeDirectory(dataDir, 0o700);
  const sink = openSink(parts);
  opened.add(() => sink.shutdown());
  const directory = await openDirectory(parts, file.config.registry.changed !== 'allow');
  opened.add(() => directory.close());
  opened.add(
    changes.listen(({ topic }) => {
      if (topic === 'agents') void directory.refresh();
    }),
  );
  const traceFile = file.config.trace_file ?? join(dataDir, 'calls.jsonl');
  const gateway = await startGateway({
    file: { ...file, config: { ...file.config, trace_file: traceFile } },
    env,
    store,
    auth,
    directory,
    sink,
    dataDir,
    clock: systemClock,
    log,
    version,
    onChanged: () => changes.publish({ project: DEFAULT_PROJECT, topic: 'approvals' }),
  });
  opened.add(() => gateway.shutdown());
  const url = await gateway.listen();
  return { box: boxOf(gateway, url, file, directory), shutdown: () => opened.close() };
}

function boxOf(
  gateway: Gateway,
  url: string,
  { config, watched }: LoadedGatewayFile,
  directory: AgentDirectory,
): GatewayBox {
  const { calls, desk, grants, pins, policies, governor, catalog } = gateway;
  const defaults = new Map(config.cli_tools.map((tool) => [tool.name, tool.default_action]));
  return {
    url,
    calls,
    desk,
    decide: async (project, id, decision) =>
      decideApproval(gateway, await desk.get(project, id), decision),
    grants,
    pins,
    dangersOf: gateway.dangersOf,
    policies: () => ({ ...policiesInForce(policies, calls), files: watched }),
    explain: (project, agent, tool, params) =>
      governor.explain({ project, agent, proof: 'named' }, tool, params),
    dryRun: (project, yaml) =>
      dryRun(calls.find({}, { offset: 0, limit: DRY_RUN_CALLS_MAX }).entries, {
        policies: yaml === undefined ? policies.current() : proposedPolicies(yaml),
        defaults,
        agentOf: (agent) => directory.factsOf(project, agent),
      }),
    upstreams: () => catalog.statuses(),
  };
}

/** Hands spans to the pipeline as if they had come from an exporter, a batch at a time. */
function openSink({ intake, log }: ServerGatewayParts) {
  let waiting: SpanBatch[] = [];
  let sending: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    const batches = waiting;
    waiting = [];
    if (batches.length === 0) return sending;
    const body = new TextEncoder().encode(tracesJson(batches)).buffer;
    const request = { signal: 'traces', encoding: 'json', compression: 'none' } as const;
    sending = sending
      .then(() => intake.take({ ...request, project: DEFAULT_PROJECT, body }))
      .then(() => undefined)
      .catch((error: unknown) => log.warn(`cannot store spans of calls: ${messageOf(error)}`));
    return sending;
  };
  const timer = setInterval(() => void flush(), SPANS_FLUSH_MS).unref();
  return {
    export(batch: SpanBatch): void {
      if (waiting.length < SPANS_WAITING_MAX) waiting.push(batch);
    },
    async shutdown(): Promise<void> {
      clearInterval(timer);
      await flush();
    },
  };
}

/** What is known of agents in the registry, the budgets and the runs; asked for in the background. */
function openDirectory(parts: ServerGatewayParts, asksVersions: boolean): Promise<PolledDirectory> {
  return pollDirectory({
    load: () => loadAgents(parts, asksVersions),
    intervalMs: REFRESH_MS,
    clock: systemClock,
    onProblem: (message) => parts.log.warn(message),
  });
}

async function loadAgents(parts: ServerGatewayParts, asksVersions: boolean): Promise<KnownAgents> {
  const known = new Map<string, AgentFacts>();
  const spent = await loadSpend(parts.activity);
  for (let offset = 0; ; offset += AGENTS_PAGE) {
    const page = { sort: 'name', direction: 'asc', offset, limit: AGENTS_PAGE } as const;
    const { agents } = await parts.store.agents.find(DEFAULT_PROJECT, {}, page);
    for (const agent of agents) {
      const changed = asksVersions && (await hasChanged(parts.runs, agent));
      const facts = factsOf(agent, { parts, spent, changed });
      known.set(agentKey(agent.project, agent.name), facts);
    }
    if (agents.length < AGENTS_PAGE) return known;
  }
}

function factsOf(
  { name, project, status, riskLevel }: Agent,
  about: {
    readonly parts: ServerGatewayParts;
    readonly spent: ReadonlyMap<string, AgentFacts['spentUsd']>;
    readonly changed: boolean;
  },
): AgentFacts {
  const states = about.parts.budgetState({ project, agent: name });
  const isWarning = states.some(({ percent }) => (percent ?? 100) >= WARNING_PERCENT);
  const isExceeded = states.some(({ exhausted }) => exhausted);
  const budget = isExceeded ? 'exceeded' : isWarning ? 'warning' : 'ok';
  return {
    status,
    risk: riskLevel.toLowerCase(),
    budget: states.length === 0 ? 'unknown' : budget,
    spentUsd: about.spent.get(name) ?? { day: 0, month: 0 },
    changedSinceReview: about.changed,
  };
}

async function loadSpend(
  activity: ServerGatewayParts['activity'],
): Promise<ReadonlyMap<string, AgentFacts['spentUsd']>> {
  const now = new Date(systemClock.now());
  const fromMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
  const today = now.toISOString().slice(0, 10);
  const spent = new Map<string, { day: number; month: number }>();
  for (const row of await activity.sumSpend({ fromMs, toMs: now.getTime() + 1 })) {
    if (row.project !== DEFAULT_PROJECT) continue;
    const sum = spent.get(row.agent) ?? { day: 0, month: 0 };
    const usd = toDollars(row.cost);
    spent.set(row.agent, {
      day: sum.day + (row.day === today ? usd : 0),
      month: sum.month + usd,
    });
  }
  return spent;
}

/** Whether an approved agent runs in another version than when it was approved. */
async function hasChanged(
  runs: ServerGatewayParts['runs'],
  { name, project, status, statusSinceMs }: Agent,
): Promise<boolean> {
  if (status !== 'APPROVED') return false;
  const versionOf = async (toMs?: number): Promise<string> => {
    const filter = { agent: name, toMs };
    const query = { filter, sort: 'start', after: undefined, limit: 1 } as const;
    const found = await runs.findRuns(project, query);
    return found.runs[0]?.agentVersion ?? '';
  };
  const present = await versionOf();
  if (present === '') return false;
  const approved = await versionOf(statusSinceMs);
  return approved !== '' && approved !== present;
}
