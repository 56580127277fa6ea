import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeDirectory } from '../base/make-directory.ts';
import type { OtlpTarget } from '../exporter/otlp-target.ts';
import {
  isMendedByHand,
  MENDED_BY_HAND_MS,
  sendOtlp,
  traceRequest,
} from '../exporter/send-otlp.ts';
import { Spool } from '../exporter/spool.ts';
import type { OutgoingSpan } from '../model/outgoing-telemetry.ts';
import { readJsonFile } from './read-session.ts';
import type { Session } from './read-session.ts';
import { numberIn } from './session-event.ts';
import type { SessionEvent } from './session-event.ts';
import { originOf, SessionSpans } from './session-spans.ts';
import type { SessionPlace } from './session-spans.ts';
import type { SpanStyleName } from './span-style.ts';

export interface StreamOptions {
  readonly target: OtlpTarget;
  readonly style: SpanStyleName;
  readonly serviceName: string;
  readonly productVersion: string;
  readonly place: SessionPlace;
  /** So many spans are sent at once. */
  readonly batchSize: number;
  readonly onProblem: (message: string) => void;
}

/** A span and the event that completed it; the root is completed by the last one. */
interface Waiting {
  readonly seq: number;
  readonly span: OutgoingSpan;
  readonly isRoot: boolean;
}

/**
 * Streams a session's spans to a receiver, each once: what was spooled is noted before it is sent, and a stream that
 * starts again passes over it. Requests wait on the disk while the receiver is away.
 */
export class SessionStream {
  readonly #session: Session;
  readonly #options: StreamOptions;
  readonly #spans: SessionSpans;
  readonly #spool: Spool;
  readonly #statePath: string;
  /** Spans of events up to this one are spooled, from this start or an earlier one. */
  #spooled: number;
  /** The root was spooled after this event; a session that goes on sends it again, under the same id. */
  #closedAt: number;
  #lastSeq = 0;
  #finished = false;
  /** When the receiver may be asked again. */
  #notBeforeMs = 0;
  #waiting: Waiting[] = [];
  #sent = 0;
  #rejected = 0;
  #sending: Promise<void> | undefined;
  #denied = false;

  constructor(session: Session, options: StreamOptions) {
    this.#session = session;
    this.#options = options;
    this.#spans = new SessionSpans(session, { style: options.style, place: options.place });
    const name = createHash('sha256').update(options.target.url).digest('hex').slice(0, 16);
    const directory = join(session.directory, 'streams', name);
    makeDirectory(directory, 0o700);
    this.#spool = new Spool(join(directory, 'spool'));
    this.#statePath = join(directory, 'state.json');
    const noted = readJsonFile(this.#statePath) ?? {};
    // A process may have ended between writing a request and noting it.
    const names = this.#spool.names();
    const seqs = (of: readonly string[]): number[] => of.map((each) => Number(each.split('-')[0]));
    const roots = names.filter((each) => each.endsWith('-root'));
    this.#spooled = Math.max(numberIn(noted, 'spooled') ?? 0, ...seqs(names));
    this.#closedAt = Math.max(numberIn(noted, 'closed_at') ?? 0, ...seqs(roots));
  }

  get counts(): { readonly sent: number; readonly rejected: number; readonly waiting: number } {
    return {
      sent: this.#sent,
      rejected: this.#rejected,
      waiting: this.#waiting.length + this.#spool.size,
    };
  }

  /** Whether the receiver last refused the key or the address: waiting is of no use, somebody must mend it. */
  get denied(): boolean {
    return this.#denied;
  }

  get waitingSpans(): number {
    return this.#waiting.length;
  }

  add(event: SessionEvent): void {
    this.#lastSeq = event.seq;
    this.#finished = false;
    const spans = this.#spans.add(event);
    if (event.seq <= this.#spooled) return;
    for (const span of spans) this.#waiting.push({ seq: event.seq, span, isRoot: false });
  }

  /** Closes the root, once. `killed` says why the session did not end by itself. */
  finish(killed?: string): void {
    if (this.#finished || this.#lastSeq <= this.#closedAt) return;
    this.#finished = true;
    const spans = this.#spans.finish(killed);
    for (const span of spans) this.#waiting.push({ seq: this.#lastSeq, span, isRoot: true });
  }

  /** Puts what waits on the disk and sends it; returns when it was sent, or nobody took it for now. */
  async flush(signal?: AbortSignal): Promise<void> {
    while (this.#waiting.length > 0) {
      // All spans of one event go together, since an event is passed over as a whole.
      const last = this.#waiting[Math.min(this.#options.batchSize, this.#waiting.length) - 1]!.seq;
      const taken = this.#waiting.filter(({ seq }) => seq <= last);
      const closes = taken.some(({ isRoot }) => isRoot);
      const name = `${String(last).padStart(16, '0')}-${taken.length}${closes ? '-root' : ''}`;
      if (!this.#spool.append(name, this.#encode(taken))) {
        this.#options.onProblem('the spool is full; streaming goes on when the receiver takes it');
        break;
      }
      this.#note(last, closes ? last : this.#closedAt);
      this.#waiting = this.#waiting.slice(taken.length);
    }
    await (this.#sending ??= this.#drain(signal).finally(() => {
      this.#sending = undefined;
    }));
  }

  #encode(taken: readonly Waiting[]): Buffer {
    const { productVersion: version, serviceName: service, style } = this.#options;
    const origin = originOf(this.#session, { service, version, style });
    return traceRequest([{ origin, spans: taken.map(({ span }) => span) }]).json;
  }

  #note(spooled: number, closedAt: number): void {
    this.#spooled = spooled;
    this.#closedAt = closedAt;
    const draft = `${this.#statePath}.next`;
    const state = { url: this.#options.target.url, spooled, closed_at: closedAt };
    writeFileSync(draft, JSON.stringify(state), { mode: 0o600 });
    renameSync(draft, this.#statePath);
  }

  async #drain(signal: AbortSignal | undefined): Promise<void> {
    if (Date.now() < this.#notBeforeMs) return;
    for (let first = this.#spool.first(); first !== undefined; first = this.#spool.first()) {
      const spans = Number(first.name.split('-')[1]);
      const retry = { attemptsMax: 1, signal };
      const result = await sendOtlp(
        this.#options.target,
        { signal: 'traces', json: first.json },
        retry,
      );
      this.#denied = isMendedByHand(result);
      if (this.#denied) {
        this.#options.onProblem(
          `${result.message}; the spans wait on the disk. Mend the key (--header) or the address, and start \`signalbox watch\` again`,
        );
        this.#notBeforeMs = Date.now() + MENDED_BY_HAND_MS;
        return;
      }
      if (result.message !== '') this.#options.onProblem(result.message);
      if (result.kind === 'unanswered') {
        this.#notBeforeMs = Date.now() + (result.retryAfterMs ?? 0);
        return;
      }
      const rejected = result.kind === 'refused' ? spans : Math.min(result.rejected, spans);
      this.#rejected += rejected;
      this.#sent += spans - rejected;
      this.#spool.remove(first.name);
    }
  }
}
