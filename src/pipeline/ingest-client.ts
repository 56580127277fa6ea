import { Worker } from 'node:worker_threads';

import { AppError } from '../errors.ts';
import type {
  FromIngest,
  IngestCall,
  IngestResults,
  IngestThreadData,
  ToIngest,
} from './ingest-messages.ts';
import type { Refusal, SealedSegment } from './sealed-segment.ts';
import type { SegmentSource } from './segment-inserter.ts';
import type {
  TelemetryConsumer,
  TelemetryReceipt,
  TelemetryRequest,
} from './telemetry-consumer.ts';

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export interface IngestClientOptions {
  /** The thread's entry module. */
  readonly entry: URL;
  readonly data: IngestThreadData;
  readonly onSealed: (segment: SealedSegment) => void;
  /** The thread ended although nobody asked it to. */
  readonly onCrash: (error: Error) => void;
}

/** The ingest thread as the main thread sees it. */
export class IngestClient implements TelemetryConsumer, SegmentSource {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #ended = false;

  constructor(options: IngestClientOptions) {
    this.#worker = new Worker(options.entry, { workerData: options.data });
    this.#worker.on('message', (message: FromIngest) => {
      if (message.kind === 'sealed') options.onSealed(message.segment);
      else this.#settle(message);
    });
    this.#worker.on('error', (error: Error) => {
      this.#failAll(error);
      if (!this.#ended) options.onCrash(error);
    });
    this.#worker.on('exit', (code) => {
      this.#failAll(new AppError('SHUTTING_DOWN'));
      if (!this.#ended) options.onCrash(new Error(`the ingest thread exited with ${code}`));
    });
  }

  consume(request: TelemetryRequest): Promise<TelemetryReceipt> {
    return this.#call({ method: 'consume', request }, [request.body]);
  }

  /** Finds what a former run left; returns the segments to replay, oldest first. */
  recover(): Promise<readonly string[]> {
    return this.#call({ method: 'recover' });
  }

  /** Encodes a former run's segment anew; undefined when nothing in it is left to store. */
  replay(segmentId: string): Promise<SealedSegment | undefined> {
    return this.#call({ method: 'replay', segmentId });
  }

  stored(segmentId: string): Promise<void> {
    return this.#call({ method: 'stored', segmentId });
  }

  takeApart(segmentId: string, refusal: Refusal): Promise<void> {
    return this.#call({ method: 'takeApart', segmentId, refusal });
  }

  nextPiece(segmentId: string): Promise<SealedSegment | undefined> {
    return this.#call({ method: 'nextPiece', segmentId });
  }

  pieceStored(segmentId: string): Promise<void> {
    return this.#call({ method: 'pieceStored', segmentId });
  }

  pieceRefused(segmentId: string, refusal: Refusal): Promise<void> {
    return this.#call({ method: 'pieceRefused', segmentId, refusal });
  }

  /** Puts a dead letter on its way again; undefined when there is no such letter. */
  redeliver(letterId: string): Promise<TelemetryReceipt | undefined> {
    return this.#call({ method: 'redeliver', letterId });
  }

  setRunRootNames(names: readonly string[]): Promise<void> {
    return this.#call({ method: 'setRunRootNames', names });
  }

  /** Returns once all that was accepted has been handed on. */
  drain(): Promise<void> {
    return this.#call({ method: 'drain' });
  }

  async shutdown(): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
  }

  #call<C extends IngestCall>(
    call: C,
    transfer: ArrayBuffer[] = [],
  ): Promise<IngestResults[C['method']]> {
    if (this.#ended) return Promise.reject(new AppError('SHUTTING_DOWN'));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const message: ToIngest = { id, call };
      this.#worker.postMessage(message, transfer);
    });
  }

  #settle(message: Exclude<FromIngest, { kind: 'sealed' }>): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    if (message.kind === 'result') {
      waiting.resolve(message.value as never);
      return;
    }
    const { code, message: text, retryAfterSeconds } = message.failure;
    waiting.reject(
      new AppError(
        code ?? 'INTERNAL_ERROR',
        text,
        retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
      ),
    );
  }

  #failAll(error: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
