import type { ErrorCode } from '../errors.ts';
import type { PipelineConfig } from './config.ts';
import type { Refusal, SealedSegment } from './sealed-segment.ts';
import type { TelemetryReceipt, TelemetryRequest } from './telemetry-consumer.ts';

/** What the main thread and the ingest thread say to each other. */

export interface IngestThreadData {
  readonly directory: string;
  readonly config: PipelineConfig;
  readonly runId: string;
  /** Names of run roots: Muster's list and the user's. */
  readonly runRootNames: readonly string[];
}

export type IngestCall =
  | { readonly method: 'consume'; readonly request: TelemetryRequest }
  | { readonly method: 'recover' }
  | { readonly method: 'replay'; readonly segmentId: string }
  | { readonly method: 'stored'; readonly segmentId: string }
  | { readonly method: 'takeApart'; readonly segmentId: string; readonly refusal: Refusal }
  | { readonly method: 'nextPiece'; readonly segmentId: string }
  | { readonly method: 'pieceStored'; readonly segmentId: string }
  | { readonly method: 'pieceRefused'; readonly segmentId: string; readonly refusal: Refusal }
  | { readonly method: 'redeliver'; readonly letterId: string }
  | { readonly method: 'setRunRootNames'; readonly names: readonly string[] }
  | { readonly method: 'drain' };

export interface IngestResults {
  readonly consume: TelemetryReceipt;
  readonly recover: readonly string[];
  readonly replay: SealedSegment | undefined;
  readonly stored: undefined;
  readonly takeApart: undefined;
  readonly nextPiece: SealedSegment | undefined;
  readonly pieceStored: undefined;
  readonly pieceRefused: undefined;
  readonly redeliver: TelemetryReceipt | undefined;
  readonly setRunRootNames: undefined;
  readonly drain: undefined;
}

export interface IngestFailure {
  /** Undefined for what no catalogue entry foresees. */
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly retryAfterSeconds: number | undefined;
}

export type ToIngest = { readonly id: number; readonly call: IngestCall };

export type FromIngest =
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: IngestFailure }
  | { readonly kind: 'sealed'; readonly segment: SealedSegment };
