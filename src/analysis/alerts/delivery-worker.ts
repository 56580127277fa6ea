import type { Clock } from '../../base/clock.ts';
import type { AlertStore, DeliveryChange } from '../../storage/alert-store.ts';
import { sendAlert } from './send-alert.ts';
import type { SendOutcome } from './send-outcome.ts';

export interface DeliveryWorkerOptions {
  readonly alerts: AlertStore;
  readonly clock: Clock;
  /** 0 to 1, e.g. `Math.random`: spreads what would be tried again at one moment. */
  readonly random: () => number;
  /** How often the outbox is looked through for what is due again. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly onError: (error: unknown) => void;
}

const AT_ONCE = 4;
const DUE_MAX = 100;
/** With the waits below, some six hours. */
const ATTEMPTS_MAX = 12;
const FIRST_WAIT_MS = 10_000;
const WAIT_MAX_MS = 3_600_000;

/**
 * Empties the outbox. A delivery is settled after it was made: a crash between the two makes it again, under the same
 * id. What fails is tried again with growing waits, and then given up, aloud.
 */
export class DeliveryWorker {
  readonly #options: DeliveryWorkerOptions;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #again = false;

  constructor(options: DeliveryWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), this.#options.intervalMs);
    this.#timer.unref();
    this.wake();
  }

  /** Looks through the outbox now; while it does so already, once more thereafter. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#working !== undefined) {
      this.#again = true;
      return;
    }
    this.#working = this.#work()
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        this.#working = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.wake();
      });
  }

  /** Resolves when nothing that is due now is left untried. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** Cuts off what is being sent; it is tried again at the next start. */
  async shutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.settled();
  }

  async #work(): Promise<void> {
    for (;;) {
      const due = await this.#options.alerts.listDue(this.#options.clock.now(), DUE_MAX);
      const rest = [...due];
      const take = async (): Promise<void> => {
        for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
          if (this.#stop.signal.aborted) return;
          await this.#deliver(next);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, take));
      if (due.length < DUE_MAX || this.#stop.signal.aborted) return;
    }
  }

  async #deliver({
    delivery,
    alert,
    channel,
  }: Awaited<ReturnType<AlertStore['listDue']>>[number]): Promise<void> {
    const { alerts, clock, random, timeoutMs } = this.#options;
    const outcome = await sendAlert(alert, channel.target, {
      deliveryId: delivery.id,
      nowMs: clock.now(),
      timeoutMs,
      signal: this.#stop.signal,
    });
    // Cut off by the shutdown: that says nothing about the channel.
    if (outcome.kind === 'failed' && this.#stop.signal.aborted) return;
    const attempts = delivery.attempts + 1;
    const change = afterAttempt(outcome, { attempts, nowMs: clock.now(), random });
    await alerts.recordDelivery(delivery.id, change);
  }
}

export function afterAttempt(
  outcome: SendOutcome,
  { attempts, nowMs, random }: { attempts: number; nowMs: number; random: () => number },
): DeliveryChange {
  if (outcome.kind === 'delivered') {
    return {
      state: 'delivered',
      attempts,
      nextAttemptMs: null,
      lastError: null,
      settledAtMs: nowMs,
    };
  }
  const lastError = outcome.error.slice(0, 1_000);
  if (outcome.gone || attempts >= ATTEMPTS_MAX) {
    return { state: 'failed', attempts, nextAttemptMs: null, lastError, settledAtMs: nowMs };
  }
  const waitMs = Math.min(FIRST_WAIT_MS * 3 ** (attempts - 1), WAIT_MAX_MS);
  const nextAttemptMs = nowMs + Math.round(waitMs * (0.8 + 0.4 * random()));
  return { state: 'pending', attempts, nextAttemptMs, lastError, settledAtMs: null };
}
