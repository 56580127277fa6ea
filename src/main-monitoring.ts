import { createAlertDesk, type AlertDesk } from './analysis/alerts/alert-desk.ts';
import { DeliveryWorker } from './analysis/alerts/delivery-worker.ts';
import { createBudgetBook, type BudgetBook } from './analysis/budgets/budget-book.ts';
import { createAnomalyDesk } from './analysis/anomalies/anomaly-desk.ts';
import { AnomalyWatch } from './analysis/anomalies/anomaly-watch.ts';
import { createSeriesReader } from './analysis/anomalies/read-series.ts';
import { createBaselineBook } from './analysis/baselines/baseline-book.ts';
import { startHeartbeatDesk } from './analysis/health/heartbeat-desk.ts';
import type { MonitoringConfig } from './analysis/monitoring/config.ts';
import { createQualitySignals } from './analysis/monitoring/quality-signals.ts';
import type { Registry } from './analysis/registry.ts';
import { createRiskKeeper } from './analysis/risk/risk-keeper.ts';
import type { ApiDeps } from './api/api-deps.ts';
import type { Clock } from './base/clock.ts';
import { repeat, type Repetition } from './base/repeat.ts';
import { messageOf } from './errors.ts';
import type { AgentActivityStore } from './storage/agent-activity-store.ts';
import { createAgentActivityStore } from './storage/clickhouse/agent-activity-store.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import type { ControlStore } from './storage/control-store.ts';
import type { QualityResultStore } from './storage/quality-result-store.ts';

export interface MonitoringParts {
  readonly config: MonitoringConfig;
  readonly store: ControlStore;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly qualityResults: Pick<QualityResultStore, 'count'>;
  readonly clock: Clock;
  readonly onProblem: (message: string) => void;
}

export interface Monitoring {
  /** What the routes ask of it. */
  readonly api: Pick<
    ApiDeps,
    | 'alertDesk'
    | 'anomalyDesk'
    | 'baselines'
    | 'series'
    | 'budgetBook'
    | 'heartbeatDesk'
    | 'riskKeeper'
  >;
  readonly alertDesk: AlertDesk;
  /** Tells from memory how an agent's budgets stand. */
  readonly budgetState: BudgetBook['budgetState'];
  /** Stops watching and sending; what is not delivered is at the next start. Safe to call twice. */
  shutdown(): Promise<void>;
}

const HEARTBEAT_FLUSH_MS = 1_000;
/** How often the outbox is looked through for what is due again. */
const OUTBOX_INTERVAL_MS = 5_000;
/** Old alerts are removed, and whole months of spend asked anew. */
const UPKEEP_INTERVAL_MS = 600_000;
const ALERTS_KEPT_MS = 90 * 86_400_000;

/** Composes alerts, budgets, anomalies, health and risk. */
export function startMonitoring(parts: MonitoringParts): Monitoring {
  const { config, store, clock } = parts;
  const alerts = startAlerts(parts);
  const activity = createAgentActivityStore(parts.engine);
  const budgetBook = createBudgetBook({
    budgets: store.budgets,
    agents: store.agents,
    activity,
    alertDesk: alerts.desk,
    clock,
  });
  const watching = composeWatch(parts, { activity, alertDesk: alerts.desk });
  const heartbeatDesk = startHeartbeatDesk({
    agents: store.agents,
    registry: parts.registry,
    health: store.health,
    clock,
    flushIntervalMs: HEARTBEAT_FLUSH_MS,
    onError: (error) => parts.onProblem(`cannot note heartbeats: ${messageOf(error)}`),
  });
  const again = (what: string, everyMs: number, work: () => Promise<unknown>): Repetition =>
    repeat(work, {
      everyMs,
      onError: (error) => parts.onProblem(`cannot ${what}: ${messageOf(error)}`),
    });
  const repetitions = [
    again('reckon what budgets have spent', config.budgetIntervalMs, () => budgetBook.refresh()),
    again('look for anomalies', config.anomalyIntervalMs, () => watching.watch.pass()),
    again('look after alerts and budgets', UPKEEP_INTERVAL_MS, async () => {
      await store.alerts.removeBefore(clock.now() - ALERTS_KEPT_MS);
      await budgetBook.refresh(true);
    }),
  ];
  return {
    api: { alertDesk: alerts.desk, budgetBook, heartbeatDesk, ...watching.api },
    alertDesk: alerts.desk,
    budgetState: (of) => budgetBook.budgetState(of),
    async shutdown() {
      await Promise.all(repetitions.map((one) => one.stop()));
      await heartbeatDesk.shutdown();
      await alerts.worker.shutdown();
    },
  };
}

function composeWatch(
  { config, store, clock, qualityResults: results }: MonitoringParts,
  { activity, alertDesk }: { activity: AgentActivityStore; alertDesk: AlertDesk },
) {
  const signals = createQualitySignals({ results, clock, days: config.baselineDays });
  const baselines = createBaselineBook({
    activity,
    clock,
    days: config.baselineDays,
    keptMs: config.baselineIntervalMs,
  });
  const anomalyDesk = createAnomalyDesk({ anomalies: store.anomalies, alertDesk, clock });
  const riskKeeper = createRiskKeeper({
    agents: store.agents,
    anomalies: store.anomalies,
    risk: store.risk,
    settings: store.settings,
    alertDesk,
    sawPersonalData: (...agent) => signals.sawPersonalData(...agent),
    clock,
  });
  const watch = new AnomalyWatch({
    agents: store.agents,
    activity,
    baselines,
    desk: anomalyDesk,
    risk: riskKeeper,
    quality: (...agent) => signals.checkHistory(...agent),
    clock,
  });
  const { baselineDays } = config;
  const series = createSeriesReader({ activity, results, clock, baselineDays });
  return { watch, api: { anomalyDesk, baselines, riskKeeper, series } };
}

function startAlerts({ config, store, clock, onProblem }: MonitoringParts) {
  const worker = new DeliveryWorker({
    alerts: store.alerts,
    clock,
    random: Math.random,
    intervalMs: OUTBOX_INTERVAL_MS,
    timeoutMs: config.alertTimeoutMs,
    onError: (error) => onProblem(`cannot look through the outbox: ${messageOf(error)}`),
  });
  const desk = createAlertDesk({
    alerts: store.alerts,
    clock,
    timeoutMs: config.alertTimeoutMs,
    onRaised: () => worker.wake(),
  });
  worker.start();
  return { worker, desk };
}
