import { messageOf } from '../errors.ts';
import type { OutgoingSpan, SpanBatch } from '../model/outgoing-telemetry.ts';
import { appendRequest } from './file-output.ts';
import type { OtlpTarget } from './otlp-target.ts';
import { isMendedByHand, MENDED_BY_HAND_MS, sendOtlp, traceRequest } from './send-otlp.ts';
import type { RetryOptions } from './send-otlp.ts';
import { Spool } from './spool.ts';

export type TraceDestination =
  | {
      readonly kind: 'otlp';
      readonly target: OtlpTarget;
      /** Where requests wait, across restarts, until they are taken; in memory alone without it. */
      readonly spoolDirectory?: string | undefined;
    }
  /** A file of requests, one a line. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stderr' };

export interface TraceExporterOptions {
  readonly destination: TraceDestination;
  /** Spans that wait in memory; what comes beyond is dropped, counted and reported. */
  readonly queueSpansMax?: number | undefined;
  /** A request is sent when so many spans wait, or after the interval. */
  readonly batchSpansMax?: number | undefined;
  readonly flushIntervalMs?: number | undefined;
  readonly spoolBytesMax?: number | undefined;
  readonly retry?: Omit<RetryOptions, 'signal'> | undefined;
  /** Told of what was not taken, with the reason. */
  readonly onProblem: (message: string) => void;
  /** Names spooled requests; they are sent in the order of their names. */
  readonly nextName?: (() => string) | undefined;
}

/** What became of the spans so far. `accepted + rejected + dropped` is less than was given while some wait. */
export interface TraceExporterCounts {
  readonly accepted: number;
  readonly rejected: number;
  readonly dropped: number;
}

export interface TraceExporter {
  /** Takes spans without waiting. */
  export(batch: SpanBatch): void;
  /** Sends what waits; resolves when it was taken, refused, or given up for now. */
  flush(): Promise<void>;
  counts(): TraceExporterCounts;
  /** Flushes within `timeoutMs`, then stops. What is spooled stays for the next start. */
  shutdown(timeoutMs?: number): Promise<void>;
}

const QUEUE_SPANS_MAX = 10_000;
const BATCH_SPANS_MAX = 512;
const FLUSH_INTERVAL_MS = 5_000;
const SHUTDOWN_MS = 5_000;

interface Waiting {
  readonly batch: SpanBatch;
  readonly spans: OutgoingSpan[];
}

/** Sends spans out in batches, with bounded memory and without ever holding up who made them. */
export function createTraceExporter(options: TraceExporterOptions): TraceExporter {
  const exporter = new BatchingExporter(options);
  exporter.start();
  return exporter;
}

class BatchingExporter implements TraceExporter {
  readonly #options: TraceExporterOptions;
  readonly #spool: Spool | undefined;
  readonly #stop = new AbortController();
  #waiting: Waiting[] = [];
  #waitingSpans = 0;
  #accepted = 0;
  #rejected = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #named = 0;
  /** When the receiver may be asked again. */
  #notBeforeMs = 0;

  constructor(options: TraceExporterOptions) {
    this.#options = options;
    const { destination } = options;
    if (destination.kind === 'otlp' && destination.spoolDirectory !== undefined) {
      this.#spool = new Spool(destination.spoolDirectory, options.spoolBytesMax);
    }
  }

  start(): void {
    const interval = this.#options.flushIntervalMs ?? FLUSH_INTERVAL_MS;
    this.#timer = setInterval(() => void this.flush(), interval).unref();
    // What an earlier process left behind goes first.
    if (this.#spool !== undefined && this.#spool.size > 0) void this.flush();
  }

  export(batch: SpanBatch): void {
    const room = (this.#options.queueSpansMax ?? QUEUE_SPANS_MAX) - this.#waitingSpans;
    const spans = batch.spans.slice(0, Math.max(0, room));
    this.#drop(batch.spans.length - spans.length, 'more spans wait than may');
    if (spans.length === 0) return;
    this.#waiting.push({ batch, spans });
    this.#waitingSpans += spans.length;
    if (this.#waitingSpans >= (this.#options.batchSpansMax ?? BATCH_SPANS_MAX)) void this.flush();
  }

  async flush(): Promise<void> {
    // One after the other, so that what waits longest is sent first.
    while (this.#sending !== undefined) await this.#sending;
    this.#sending = this.#sendAll()
      .catch((error: unknown) => this.#options.onProblem(messageOf(error)))
      .finally(() => {
        this.#sending = undefined;
      });
    await this.#sending;
  }

  counts(): TraceExporterCounts {
    return { accepted: this.#accepted, rejected: this.#rejected, dropped: this.#dropped };
  }

  async shutdown(timeoutMs = SHUTDOWN_MS): Promise<void> {
    clearInterval(this.#timer);
    const giveUp = setTimeout(() => this.#stop.abort(), timeoutMs);
    await this.flush();
    clearTimeout(giveUp);
    this.#stop.abort();
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const taken = this.#take(this.#options.batchSpansMax ?? BATCH_SPANS_MAX);
      const spans = taken.reduce((sum, batch) => sum + batch.spans.length, 0);
      const { json } = traceRequest(taken);
      if (this.#spool === undefined) await this.#deliver(json, spans);
      else if (!this.#spool.append(this.#nextName(spans), json)) {
        this.#drop(spans, 'the spool is full');
      }
    }
    await this.#drainSpool();
  }

  /** The oldest spans, of no more than `spansMax` in all. */
  #take(spansMax: number): SpanBatch[] {
    const taken: SpanBatch[] = [];
    let room = spansMax;
    while (room > 0 && this.#waiting.length > 0) {
      const first = this.#waiting[0]!;
      const spans = first.spans.splice(0, room);
      taken.push({ origin: first.batch.origin, spans });
      room -= spans.length;
      this.#waitingSpans -= spans.length;
      if (first.spans.length === 0) this.#waiting.shift();
    }
    return taken;
  }

  async #deliver(json: Buffer, spans: number): Promise<void> {
    const { destination } = this.#options;
    if (destination.kind === 'otlp') {
      if (!(await this.#send(destination.target, json, spans))) {
        this.#drop(spans, 'the receiver did not take them');
      }
      return;
    }
    if (destination.kind === 'file') appendRequest(destination.path, json);
    else process.stderr.write(`${json.toString('utf8')}\n`);
    this.#accepted += spans;
  }

  /** Whether the matter is settled: taken, or refused for good. */
  async #send(target: OtlpTarget, json: Buffer, spans: number): Promise<boolean> {
    const retry = { ...this.#options.retry, signal: this.#stop.signal };
    const result = await sendOtlp(target, { signal: 'traces', json }, retry);
    if (this.#spool !== undefined && isMendedByHand(result)) {
      this.#notBeforeMs = Date.now() + MENDED_BY_HAND_MS;
      this.#options.onProblem(
        `${result.message}; the spans wait on the disk until the key or the address is mended`,
      );
      return false;
    }
    if (result.kind === 'unanswered') {
      this.#notBeforeMs = Date.now() + (result.retryAfterMs ?? 0);
      this.#options.onProblem(result.message);
      return false;
    }
    const rejected = result.kind === 'refused' ? spans : Math.min(result.rejected, spans);
    this.#rejected += rejected;
    this.#accepted += spans - rejected;
    if (result.message !== '') this.#options.onProblem(result.message);
    return true;
  }

  async #drainSpool(): Promise<void> {
    const { destination } = this.#options;
    if (this.#spool === undefined || destination.kind !== 'otlp') return;
    while (!this.#stop.signal.aborted && Date.now() >= this.#notBeforeMs) {
      const first = this.#spool.first();
      if (first === undefined) return;
      const spans = Number(/-(\d+)$/.exec(first.name)?.[1] ?? 0);
      if (!(await this.#send(destination.target, first.json, spans))) return;
      this.#spool.remove(first.name);
    }
  }

  #nextName(spans: number): string {
    const own = this.#options.nextName?.();
    if (own !== undefined) return `${own}-${spans}`;
    this.#named += 1;
    const time = String(Date.now()).padStart(15, '0');
    return `${time}-${process.pid}-${String(this.#named).padStart(9, '0')}-${spans}`;
  }

  #drop(spans: number, reason: string): void {
    if (spans <= 0) return;
    this.#dropped += spans;
    this.#options.onProblem(`${spans} spans were dropped: ${reason}`);
  }
}
