import { createAlertDesk, type AlertDesk } from './analysis/alerts/alert-desk.ts';
import { DeliveryWorker } from './analysis/alerts/delivery-worker.ts';
import { createBudgetBook, type BudgetBook } from './analysis/budgets/budget-book.ts';
import type { MonitoringConfig } from './analysis/monitoring/config.ts';
import type { ApiDeps } from './api/api-deps.ts';
import type { Clock } from './base/clock.ts';
import { repeat, type Repetition } from './base/repeat.ts';
import { messageOf } from './errors.ts';
import { createAgentActivityStore } from './storage/clickhouse/agent-activity-store.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import type { ControlStore } from './storage/control-store.ts';

export interface MonitoringParts {
  readonly config: MonitoringConfig;
  readonly store: ControlStore;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly onProblem: (message: string) => void;
}

export interface Monitoring {
  /** What the routes ask of it. */
  readonly api: Pick<ApiDeps, 'alertDesk' | 'budgetBook'>;
  readonly alertDesk: AlertDesk;
  /** Tells from memory how an agent's budgets stand. */
  readonly budgetState: BudgetBook['budgetState'];
  /** Stops watching and sending; what is not delivered is at the next start. Safe to call twice. */
  shutdown(): Promise<void>;
}

/** How often the outbox is looked through for what is due again. */
const OUTBOX_INTERVAL_MS = 5_000;
/** Old alerts are removed, and whole months of spend asked anew. */
const UPKEEP_INTERVAL_MS = 600_000;
const ALERTS_KEPT_MS = 90 * 86_400_000;

/** Composes alerts, budgets, anomalies, health and risk. */
export function startMonitoring(parts: MonitoringParts): Monitoring {
  const { config, store, clock } = parts;
  const alerts = startAlerts(parts);
  const budgetBook = createBudgetBook({
    budgets: store.budgets,
    agents: store.agents,
    activity: createAgentActivityStore(parts.engine),
    alertDesk: alerts.desk,
    clock,
  });
  const watch = (what: string, everyMs: number, work: () => Promise<unknown>): Repetition =>
    repeat(work, {
      everyMs,
      onError: (error) => parts.onProblem(`cannot ${what}: ${messageOf(error)}`),
    });
  const watches = [
    watch('reckon what budgets have spent', config.budgetIntervalMs, () => budgetBook.refresh()),
    watch('look after alerts and budgets', UPKEEP_INTERVAL_MS, async () => {
      await store.alerts.removeBefore(clock.now() - ALERTS_KEPT_MS);
      await budgetBook.refresh(true);
    }),
  ];
  return {
    api: { alertDesk: alerts.desk, budgetBook },
    alertDesk: alerts.desk,
    budgetState: (of) => budgetBook.budgetState(of),
    async shutdown() {
      await Promise.all(watches.map((one) => one.stop()));
      await alerts.worker.shutdown();
    },
  };
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
