import { createAlertDesk } from './analysis/alerts/alert-desk.ts';
import { DeliveryWorker } from './analysis/alerts/delivery-worker.ts';
import type { MonitoringConfig } from './analysis/monitoring/config.ts';
import type { ApiDeps } from './api/api-deps.ts';
import type { Clock } from './base/clock.ts';
import { messageOf } from './errors.ts';
import type { ControlStore } from './storage/control-store.ts';

export interface MonitoringParts {
  readonly config: MonitoringConfig;
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly onProblem: (message: string) => void;
}

/** What watches over agents, as the API asks it. */
export type MonitoringDeps = Pick<ApiDeps, 'alertDesk'>;

export interface Monitoring {
  readonly deps: MonitoringDeps;
  /** Stops watching and sending; what is not delivered is at the next start. Safe to call twice. */
  shutdown(): Promise<void>;
}

/** How often the outbox is looked through for what is due again. */
const OUTBOX_INTERVAL_MS = 5_000;

/** Composes alerts, budgets, anomalies, health and risk. */
export function startMonitoring({ config, store, clock, onProblem }: MonitoringParts): Monitoring {
  const worker = new DeliveryWorker({
    alerts: store.alerts,
    clock,
    random: Math.random,
    intervalMs: OUTBOX_INTERVAL_MS,
    timeoutMs: config.alertTimeoutMs,
    onError: (error) => onProblem(`cannot read the outbox of alerts: ${messageOf(error)}`),
  });
  const alertDesk = createAlertDesk({
    alerts: store.alerts,
    clock,
    timeoutMs: config.alertTimeoutMs,
    onRaised: () => worker.wake(),
  });
  worker.start();
  return { deps: { alertDesk }, shutdown: () => worker.shutdown() };
}
