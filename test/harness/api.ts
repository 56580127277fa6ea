import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fastify, { type FastifyInstance } from 'fastify';

import { createAlertDesk, type AlertDesk } from '../../src/analysis/alerts/alert-desk.ts';
import { DeliveryWorker } from '../../src/analysis/alerts/delivery-worker.ts';
import { createBudgetBook, type BudgetBook } from '../../src/analysis/budgets/budget-book.ts';
import { createAnomalyDesk, type AnomalyDesk } from '../../src/analysis/anomalies/anomaly-desk.ts';
import { retentionConfigSchema } from '../../src/analysis/retention/config.ts';
import { openRetentionKeeper } from '../../src/analysis/retention/retention-keeper.ts';
import { termsOfConfig } from '../../src/analysis/retention/retention-terms.ts';
import type { RetentionStore } from '../../src/storage/retention-store.ts';
import { createSeriesReader } from '../../src/analysis/anomalies/read-series.ts';
import { createBaselineBook } from '../../src/analysis/baselines/baseline-book.ts';
import {
  startHeartbeatDesk,
  type HeartbeatDesk,
} from '../../src/analysis/health/heartbeat-desk.ts';
import { createRiskKeeper, type RiskKeeper } from '../../src/analysis/risk/risk-keeper.ts';
import type { RunSample } from '../../src/model/run-sample.ts';
import { createAgentReview } from '../../src/analysis/agent-review.ts';
import { createJobs } from '../../src/analysis/jobs.ts';
import { addSums, NO_COSTS } from '../../src/analysis/costs/cost-sums.ts';
import { openCosts } from '../../src/analysis/costs/open-costs.ts';
import { openQuality, type Quality } from '../../src/analysis/quality/open-quality.ts';
import { startRegistry, type Registry } from '../../src/analysis/registry.ts';
import { loadRootSpanPatterns } from '../../src/analysis/root-span-patterns.ts';
import type { DeadLetter } from '../../src/api/dead-letters.ts';
import { noLinkedGateways } from './linked-gateways.ts';
import { registerApi, ROUTER_OPTIONS } from '../../src/api/register-api.ts';
import { judgeConfigSchema } from '../../src/analysis/quality/config.ts';
import { Broadcast } from '../../src/base/broadcast.ts';
import { createAuth, type Auth } from '../../src/auth/auth.ts';
import { randomId } from '../../src/base/random-id.ts';
import { DEFAULT_PROJECT, SYSTEM_PRINCIPAL } from '../../src/auth/principal.ts';
import type { Scope } from '../../src/auth/scope.ts';
import { openSigningKey } from '../../src/base/signing-key.ts';
import type { Change } from '../../src/model/change.ts';
import type { AgentSighting } from '../../src/model/agent.ts';
import { createRunSummaries } from '../../src/query/summarize-runs.ts';
import type { ConversationQueries } from '../../src/query/conversation-query.ts';
import type { LogDetail } from '../../src/query/log-query.ts';
import type { RunFamily, RunQueries } from '../../src/query/run-query.ts';
import type { Conversation, ThreadRun } from '../../src/model/conversation.ts';
import type { RunDetail } from '../../src/model/run.ts';
import type { TraceFilter, TraceSpan, TraceSummary } from '../../src/query/trace-query.ts';
import type { DaySpend } from '../../src/storage/agent-activity-store.ts';
import type { CostGroup, CostStore, UnpricedModel } from '../../src/storage/cost-store.ts';
import type { AgentRuns, RunFilter, Versioned } from '../../src/storage/run-store.ts';
import type { ModelCall } from '../../src/model/run.ts';
import type { ControlStore } from '../../src/storage/control-store.ts';
import type { QualityResultStore } from '../../src/storage/quality-result-store.ts';
import { openControlStore } from '../../src/storage/relational/control-store.ts';
import { metricsWithoutPoints } from './metric-points.ts';
import { NO_RESULTS, NOTHING_STORED } from './no-stores.ts';
import { runDetailOf } from './run-detail.ts';
import { eventsOf, outlineOf } from './span-outline.ts';

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // What came over the wire: tests compare it whole.
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads any field of any answer
  readonly body: any;
}

export interface CallOptions {
  readonly key?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The REST API on a real port over a real database, with a clock that the test sets. */
export interface TestApi {
  readonly app: FastifyInstance;
  readonly auth: Auth;
  readonly store: ControlStore;
  readonly registry: Registry;
  readonly clock: { nowMs: number };
  readonly alertDesk: AlertDesk;
  readonly delivery: DeliveryWorker;
  readonly budgetBook: BudgetBook;
  /** What agents spent, as the budgets are told. */
  readonly spend: DaySpend[];
  readonly anomalyDesk: AnomalyDesk;
  readonly heartbeatDesk: HeartbeatDesk;
  readonly riskKeeper: RiskKeeper;
  /** Runs by agent, newest first, as baselines are told. */
  readonly samples: Map<string, RunSample[]>;
  readonly url: string;
  /** Every route that was registered, as `GET /path`. */
  readonly routes: readonly { readonly name: string; readonly access: string | undefined }[];
  readonly traces: { summaries: TraceSummary[]; spans: TraceSpan[]; asked: TraceFilter[] };
  readonly logs: { records: LogDetail[]; asked: object[] };
  readonly runs: {
    families: RunFamily[];
    asked: Parameters<RunQueries['findRuns']>[1][];
    /** What was counted by which field. */
    counted: { filter: RunFilter; field: string }[];
    byAgent: AgentRuns[];
  };
  readonly conversations: {
    rows: Conversation[];
    readonly threads: Map<string, ThreadRun[]>;
    asked: Parameters<ConversationQueries['findConversations']>[1][];
  };
  readonly letters: DeadLetter[];
  /** What the cost store answers, whatever is asked, by the dimensions asked for joined by commas. */
  readonly costs: {
    readonly groups: Map<string, readonly CostGroup[]>;
    readonly unpriced: UnpricedModel[];
    /** Calls that were told of by themselves. */
    readonly events: Versioned<ModelCall>[];
    readonly asked: Parameters<CostStore['sumCosts']>[1][];
  };
  readonly quality: Quality;
  /** Runs that quality finds, by their ids. */
  readonly runDetails: Map<string, RunDetail>;
  readonly changes: Broadcast<Change>;
  keyWith(...scopes: Scope[]): Promise<string>;
  call(method: string, path: string, options?: CallOptions): Promise<TestAnswer>;
  close(): Promise<void>;
}

export const NOON_MS = Date.UTC(2026, 10, 20, 12);

export function sightingOf(name: string, rest: Partial<AgentSighting> = {}): AgentSighting {
  return {
    project: DEFAULT_PROJECT,
    name,
    seenAtMs: NOON_MS,
    runs: 1,
    services: [],
    frameworks: [],
    sdkLanguages: [],
    models: [],
    providers: [],
    tools: [],
    ...rest,
  };
}

export async function startApi(
  options: {
    readonly results?: QualityResultStore;
    readonly retention?: RetentionStore;
  } = {},
): Promise<TestApi> {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-api-'));
  const clock = { nowMs: NOON_MS, now: () => clock.nowMs };
  const store = await openControlStore({
    kind: 'sqlite',
    path: join(directory, 'control.db'),
    clock,
  });
  const auth = createAuth({ store, clock, loopbackOnly: true });
  const registry = await startRegistry({ agents: store.agents, clock });
  const traces: TestApi['traces'] = { summaries: [], spans: [], asked: [] };
  const logs: TestApi['logs'] = { records: [], asked: [] };
  const runs: TestApi['runs'] = { families: [], asked: [], counted: [], byAgent: [] };
  const conversations: TestApi['conversations'] = { rows: [], threads: new Map(), asked: [] };
  const letters: DeadLetter[] = [];
  const costs: TestApi['costs'] = { groups: new Map(), unpriced: [], events: [], asked: [] };
  const changes = new Broadcast<Change>();
  const take = (id: string) => {
    const index = letters.findIndex((letter) => letter.id === id);
    return index >= 0 && letters.splice(index, 1).length === 1;
  };
  const delivery = new DeliveryWorker({
    alerts: store.alerts,
    clock,
    random: () => 0.5,
    intervalMs: 3_600_000,
    timeoutMs: 2_000,
    onError: (error) => {
      throw error;
    },
  });
  const alertDesk = createAlertDesk({
    alerts: store.alerts,
    clock,
    timeoutMs: 2_000,
    onRaised: () => delivery.wake(),
  });
  const spend: DaySpend[] = [];
  const budgetBook = createBudgetBook({
    budgets: store.budgets,
    agents: store.agents,
    activity: {
      sumSpend: async ({ fromMs, toMs }) =>
        spend.filter(({ day }) => Date.parse(day) >= fromMs && Date.parse(day) < toMs),
    },
    alertDesk,
    clock,
  });
  const runDetails: TestApi['runDetails'] = new Map();
  const findRun = ({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }) =>
    [...runDetails.values()].find(({ run }) => run.traceId === traceId || run.runId === spanId)
      ?.run;
  const quality = await openQuality({
    results: options.results ?? NO_RESULTS,
    quality: store.quality,
    settings: store.settings,
    config: judgeConfigSchema.parse({}),
    getRun: async (_project, { runId }) => runDetails.get(runId),
    findRun: async (_project, about) => findRun(about),
    findRuns: async (_project, spans) => spans.map(findRun),
    priceOf: () => null,
    emit: async () => undefined,
    clock,
    newId: randomId,
    onProblem: (message) => {
      throw new Error(message);
    },
  });
  const samples = new Map<string, RunSample[]>();
  const activity = { listRuns: async () => samples, listDays: async () => new Map() };
  const baselines = createBaselineBook({
    activity,
    clock,
    days: 30,
    keptMs: 3_600_000,
  });
  const anomalyDesk = createAnomalyDesk({ anomalies: store.anomalies, alertDesk, clock });
  const riskKeeper = createRiskKeeper({
    agents: store.agents,
    anomalies: store.anomalies,
    risk: store.risk,
    settings: store.settings,
    alertDesk,
    clock,
  });
  const heartbeatDesk = startHeartbeatDesk({
    agents: store.agents,
    registry,
    health: store.health,
    clock,
    flushIntervalMs: 3_600_000,
    onError: (error) => {
      throw error;
    },
  });
  const app = fastify({ routerOptions: ROUTER_OPTIONS });
  const routes: { name: string; access: string | undefined }[] = [];
  app.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') {
      routes.push({ name: `${String(route.method)} ${route.url}`, access: route.config?.access });
    }
  });
  await registerApi(app, {
    auth,
    store,
    registry,
    clock,
    changes,
    alertDesk,
    anomalyDesk,
    baselines,
    retention: await openRetentionKeeper({
      store: options.retention ?? NOTHING_STORED,
      settings: store.settings,
      auditLog: store.auditLog,
      usual: termsOfConfig(retentionConfigSchema.parse({})),
      project: DEFAULT_PROJECT,
      clock,
    }),
    series: createSeriesReader({
      activity,
      results: options.results ?? NO_RESULTS,
      clock,
      baselineDays: 30,
    }),
    heartbeatDesk,
    riskKeeper,
    budgetBook,
    quality,
    agentReview: createAgentReview({ agents: store.agents, clock }),
    rootSpanPatterns: await loadRootSpanPatterns({ settings: store.settings, clock }),
    costs: await openCosts({
      control: store,
      store: {
        sumCosts: async (_project, query) => {
          if (query.by.length > 0) {
            costs.asked.push(query);
            return (costs.groups.get(query.by.join()) ?? []).slice(0, query.limit);
          }
          // The total beside a page of groups is asked for with the page.
          const groups = costs.groups.get(costs.asked.at(-1)?.by.join() ?? '') ?? [];
          return [{ key: [], sums: groups.map(({ sums }) => sums).reduce(addSums, NO_COSTS) }];
        },
        listUnpriced: async () => costs.unpriced,
        listEvents: async () => costs.events,
      },
      runs: {
        getTraceRuns: async (_project, traceIds) => ({
          runs: [],
          calls: costs.events.filter(({ value }) => traceIds.includes(value.traceId)),
        }),
        writeChanges: async (_runs, { come }) => void costs.events.push(...come),
      },
      onRecorded: () => undefined,
      clock,
      config: { preferReported: false },
    }),
    traces: {
      findTraces: async (_project, filter, { limit }) => {
        traces.asked.push(filter);
        return { rows: traces.summaries.slice(0, limit), nextCursor: null };
      },
      getTrace: async (_project, traceId, { limit, cursor, spanIds }) => {
        const spans = traces.spans.filter(
          (span) => span.traceId === traceId && (spanIds?.includes(span.spanId) ?? true),
        );
        if (spans.length === 0) return undefined;
        const start = Number(cursor ?? 0);
        const end = start + limit;
        return {
          rows: spans.slice(start, end),
          nextCursor: end < spans.length ? String(end) : null,
        };
      },
      outlineSpans: async (_project, traceId) => outlineOf(traces.spans, traceId),
      listEvents: async (_project, traceId, limit) => eventsOf(traces.spans, traceId, limit),
      findSpans: async (_project, traceId, { text, limit }) =>
        traces.spans
          .filter((span) => span.traceId === traceId && span.name.includes(text))
          .map(({ spanId }) => spanId)
          .slice(0, limit),
    },
    traceOverview: {
      countOverTime: async () => ({ stepSeconds: 60, steps: [] }),
      listFacets: async () => ({
        agents: [],
        services: [],
        models: [],
        tools: [],
        operations: [],
        providers: [],
        frameworks: [],
        statuses: [],
      }),
      findFieldValues: async () => [],
      findAttributeKeys: async () => [],
      findAttributeValues: async () => [],
    },
    logs: {
      findLogs: async (_project, filter, { order, limit }) => {
        logs.asked.push({ ...filter, order });
        return { rows: logs.records.slice(0, limit), nextCursor: null };
      },
      findAround: async (_project, { id, limit }) =>
        logs.records.some((record) => record.id === id) ? logs.records.slice(0, limit) : undefined,
      getLog: async (_project, id) => logs.records.find((record) => record.id === id),
      countOverTime: async (_project, filter) => {
        logs.asked.push(filter);
        return { stepSeconds: 60, steps: [{ startMs: filter.fromMs, level: 'warn', count: 2 }] };
      },
      listFacets: async () => ({ levels: [], services: [], agents: [], events: [] }),
      findAttributeKeys: async () => [],
      findAttributeValues: async () => [],
    },
    ...metricsWithoutPoints(clock),
    runSummaries: createRunSummaries({
      sumByAgent: async () => [],
      sumOverTime: async () => [],
      countDurations: async () => [],
      countValues: async (_project, filter, { field }) => {
        runs.counted.push({ filter, field });
        return [{ value: `a ${field}`, count: 2 }];
      },
    }),
    runs: {
      findRuns: async (_project, question, { limit }) => {
        runs.asked.push(question);
        return { rows: runs.families.map(({ run }) => run).slice(0, limit), nextCursor: null };
      },
      getRun: async (_project, { runId }) => runs.families.find(({ run }) => run.runId === runId),
      listCalls: async (_project, traceId) =>
        runs.families
          .flatMap(({ modelCalls }) => modelCalls)
          .filter((call) => call.traceId === traceId),
      // Four runs, received at noon.
      countRunsByAgent: async (_project, sinceMs) =>
        sinceMs < NOON_MS
          ? [{ agent: 'invoice-processor', roots: 4, all: 5 }, ...runs.byAgent]
          : [],
    },
    conversations: {
      findConversations: async (_project, question, { limit }) => {
        conversations.asked.push(question);
        const { id } = question.filter;
        const rows = conversations.rows.filter((row) => id === undefined || row.id === id);
        return { rows: rows.slice(0, limit), nextCursor: null };
      },
    },
    conversationReader: {
      readThread: async (_project, id, { limit }) => {
        const thread = conversations.threads.get(id);
        if (thread === undefined) return undefined;
        const page = thread.slice(0, limit);
        return { runs: page, next: thread.length > limit ? page.at(-1)!.run : undefined };
      },
      readLastWords: async (_project, ids) =>
        new Map(ids.map((id) => [id, { role: 'assistant', text: `the end of ${id}` }])),
    },
    runAnalyzer: {
      detail: async (run, modelCalls) => runDetailOf({ run, modelCalls }),
      backlog: () => ({ traces: 0, lateMs: 0, more: false }),
    },
    jobs: createJobs({ clock, onFailure: () => undefined }),
    rebuild: {
      store: { sliceByStart: async (_project, range) => [range], listTraces: async () => [] },
      analyzer: { analyze: async () => [] },
    },
    telemetryStats: {
      countStored: async () => ({ spans: 3, logRecords: 2, metricPoints: 1 }),
    },
    evidenceKey: openSigningKey(join(directory, 'evidence-key.pem')),
    gateway: undefined,
    ...(await noLinkedGateways(store, changes, clock)),
    deadLetters: {
      list: async () => letters,
      retry: async (id) => take(id),
      remove: async (id) => take(id),
    },
    addresses: () => ({ http: 'http://127.0.0.1:4318', grpc: '127.0.0.1:4317' }),
    version: '1.2.3',
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    app,
    auth,
    store,
    registry,
    clock,
    alertDesk,
    delivery,
    budgetBook,
    spend,
    anomalyDesk,
    heartbeatDesk,
    samples,
    riskKeeper,
    url,
    routes,
    traces,
    logs,
    runs,
    conversations,
    letters,
    costs,
    quality,
    runDetails,
    changes,
    async keyWith(...scopes) {
      const made = await auth.apiKeys.create({ label: scopes.join(), scopes }, SYSTEM_PRINCIPAL);
      return made.secret;
    },
    async call(method, path, { key, body, headers = {} } = {}) {
      const answer = await fetch(`${url}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      // A stream has no end to wait for.
      const isStream = answer.headers.get('content-type') === 'text/event-stream';
      if (isStream) await answer.body?.cancel();
      const text = isStream ? '' : await answer.text();
      const { status, headers: told } = answer;
      return { status, headers: told, body: text === '' ? undefined : JSON.parse(text) };
    },
    async close() {
      await app.close();
      await delivery.shutdown();
      await heartbeatDesk.shutdown();
      await registry.shutdown();
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
}
