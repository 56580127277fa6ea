import type { AgentSighting } from '../model/agent.ts';
import type { Signal } from '../model/signal.ts';

/** One export request as it came in. */
export interface TelemetryRequest {
  readonly signal: Signal;
  readonly encoding: 'protobuf' | 'json';
  readonly compression: 'none' | 'gzip' | 'deflate';
  readonly project: string;
  /** When it arrived; milliseconds since 1970 UTC. */
  readonly receivedAtMs: number;
  /** The consumer takes the buffer: the caller MUST NOT use it afterwards. */
  readonly body: ArrayBuffer;
}

/** What became of a request. `accepted` items are durable when this is returned. */
export interface TelemetryReceipt {
  readonly accepted: number;
  readonly rejected: number;
  /** Why items were rejected, or ''. */
  readonly message: string;
  /** The agents of the accepted items. */
  readonly sightings: readonly AgentSighting[];
  /** The same bytes were stored before; nothing was stored now. */
  readonly duplicate: boolean;
}

/**
 * Takes telemetry over. MUST return only when what is accepted survives the loss of power.
 * MUST throw an `AppError` when nothing of the request was taken; a retryable one when the same request may
 * be taken later. MUST NOT keep more than its configured bytes.
 */
export interface TelemetryConsumer {
  consume(request: TelemetryRequest): Promise<TelemetryReceipt>;
}
