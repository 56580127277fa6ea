import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { AlertDesk } from '../analysis/alerts/alert-desk.ts';
import type { SeriesReader } from '../analysis/anomalies/read-series.ts';
import type { AnomalyDesk } from '../analysis/anomalies/anomaly-desk.ts';
import type { BaselineBook } from '../analysis/baselines/baseline-book.ts';
import type { HeartbeatDesk } from '../analysis/health/heartbeat-desk.ts';
import type { RetentionKeeper } from '../analysis/retention/retention-keeper.ts';
import type { RiskKeeper } from '../analysis/risk/risk-keeper.ts';
import type { BudgetBook } from '../analysis/budgets/budget-book.ts';
import type { AgentReview } from '../analysis/agent-review.ts';
import type { Costs } from '../analysis/costs/open-costs.ts';
import type { ConversationReader } from '../analysis/conversations/conversation-reader.ts';
import type { Quality } from '../analysis/quality/open-quality.ts';
import type { Registry } from '../analysis/registry.ts';
import type { RootSpanPatterns } from '../analysis/root-span-patterns.ts';
import type { Auth } from '../auth/auth.ts';
import type { Broadcast } from '../base/broadcast.ts';
import type { Clock } from '../base/clock.ts';
import type { SigningKey } from '../base/signing-key.ts';
import type { Change } from '../model/change.ts';
import type { LogQuery } from '../query/log-query.ts';
import type { MetricAnswers } from './metric-answers.ts';
import type { MetricQueries } from '../query/metrics/metric-query.ts';
import type { TraceOverview } from '../query/outline-traces.ts';
import type { Jobs } from '../analysis/jobs.ts';
import type { rebuildRuns } from '../analysis/runs/rebuild-runs.ts';
import type { RunAnalyzer } from '../analysis/runs/run-analyzer.ts';
import type { ConversationQueries } from '../query/conversation-query.ts';
import type { RunQueries } from '../query/run-query.ts';
import type { RunSummaries } from '../query/summarize-runs.ts';
import type { TelemetryStats, TraceQuery } from '../query/trace-query.ts';
import type { ControlStore } from '../storage/control-store.ts';
import type { DeadLetterBox } from './dead-letters.ts';
import type { GatewayBox } from './gateway-box.ts';
import type { LinkedGateways, ToldCalls } from './linked-gateways.ts';

export interface ListeningAddresses {
  /** As `http://127.0.0.1:4318`. */
  readonly http: string;
  /** As `127.0.0.1:4317`, or `off`. */
  readonly grpc: string;
}

/** What the routes work on. */
export interface ApiDeps {
  readonly auth: Omit<Auth, 'telemetryAuthorizer'>;
  readonly store: Pick<
    ControlStore,
    | 'agents'
    | 'approvals'
    | 'toldApprovals'
    | 'auditLog'
    | 'alerts'
    | 'anomalies'
    | 'health'
    | 'risk'
    | 'views'
  >;
  readonly registry: Pick<Registry, 'unregistered' | 'observe'>;
  readonly agentReview: AgentReview;
  readonly alertDesk: Omit<AlertDesk, 'raise'>;
  readonly anomalyDesk: Omit<AnomalyDesk, 'report'>;
  readonly baselines: Pick<BaselineBook, 'get'>;
  readonly series: SeriesReader;
  readonly retention: Omit<RetentionKeeper, 'pass'>;
  readonly heartbeatDesk: Pick<HeartbeatDesk, 'beat'>;
  readonly riskKeeper: RiskKeeper;
  readonly budgetBook: Omit<BudgetBook, 'refresh' | 'budgetState'>;
  readonly quality: Quality;
  readonly rootSpanPatterns: Pick<RootSpanPatterns, 'get' | 'set'>;
  readonly costs: Costs;
  readonly traces: TraceQuery;
  readonly traceOverview: TraceOverview;
  readonly logs: LogQuery;
  readonly metrics: Pick<MetricQueries, 'listMetrics'>;
  readonly metricAnswers: MetricAnswers;
  readonly runs: RunQueries;
  readonly runSummaries: RunSummaries;
  readonly conversations: ConversationQueries;
  readonly conversationReader: ConversationReader;
  readonly runAnalyzer: Pick<RunAnalyzer, 'detail' | 'backlog'>;
  readonly jobs: Jobs;
  /** What a rebuild of runs works with. */
  readonly rebuild: Parameters<typeof rebuildRuns>[0];
  readonly telemetryStats: TelemetryStats;
  readonly deadLetters: DeadLetterBox;
  /** Undefined while the server runs none. */
  readonly gateway: GatewayBox | undefined;
  /** Gateways elsewhere that are connected. */
  readonly linkedGateways: LinkedGateways;
  /** Of the calls that they told of. */
  readonly toldCalls: Pick<ToldCalls, 'find'>;
  /** What just changed, for live pages. */
  readonly changes: Broadcast<Change>;
  /** Signs packages of evidence. */
  readonly evidenceKey: SigningKey;
  readonly clock: Clock;
  /** Where exporters reach this instance; asked when the server listens. */
  readonly addresses: () => ListeningAddresses;
  /** Of the product, for the API's description. */
  readonly version: string;
}

/** Fastify with the types of the zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
