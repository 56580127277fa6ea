import type { Clock } from '../base/clock.ts';
import { AppError } from '../errors.ts';
import type { AgentSighting } from '../model/agent.ts';
import type { Admission } from '../pipeline/admission.ts';
import type {
  TelemetryConsumer,
  TelemetryReceipt,
  TelemetryRequest,
} from '../pipeline/telemetry-consumer.ts';

/** Who a request must be to send telemetry; an `AppError` refuses it. */
export interface TelemetryGate {
  authorize(identity: {
    readonly authorization?: string | undefined;
    readonly apiKey?: string | undefined;
    readonly remoteAddress: string | undefined;
    readonly origin?: string | undefined;
    readonly secFetchSite?: string | undefined;
    readonly forwarded?: string | undefined;
  }): Promise<{ readonly project: string }>;
}

export interface IntakeOptions {
  readonly gate: TelemetryGate;
  readonly consumer: TelemetryConsumer;
  readonly admission: Admission;
  /** Throws while the disk has no room. */
  readonly requireRoom: () => void;
  /** Registers agents before the sender is answered; returns how many are new. */
  readonly observe: (sightings: readonly AgentSighting[]) => Promise<number>;
  readonly clock: Clock;
  readonly requestBytesMax: number;
  /** How long a request's body may take to arrive. */
  readonly bodyTimeoutMs: number;
}

export interface IntakeReceipt extends TelemetryReceipt {
  readonly discovered: number;
}

/** What the HTTP and the gRPC receiver share: the way of a request's bytes once they have been read. */
export class TelemetryIntake {
  readonly options: IntakeOptions;
  #closed = false;

  constructor(options: IntakeOptions) {
    this.options = options;
  }

  /** Throws what refuses telemetry before its body is read. */
  requireOpen(): void {
    if (this.#closed) throw new AppError('SHUTTING_DOWN', undefined, { retryAfterSeconds: 5 });
    this.options.requireRoom();
  }

  async take(request: Omit<TelemetryRequest, 'receivedAtMs'>): Promise<IntakeReceipt> {
    const receipt = await this.options.consumer.consume({
      ...request,
      receivedAtMs: this.options.clock.now(),
    });
    const discovered = await this.options.observe(receipt.sightings);
    return { ...receipt, discovered };
  }

  /** Refuses what comes from now on. */
  close(): void {
    this.#closed = true;
  }
}
