import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { AppError, messageOf } from '../errors.ts';
import type { Approval } from '../model/approval.ts';
import {
  GATEWAY_LINK_PATH,
  LINK_BEAT_MS,
  LINK_SILENCE_MS,
  type DecisionAnswer,
  type LinkDecision,
  type LinkReport,
  type ToldApprovalWire,
} from '../model/gateway-link.ts';
import type { ApprovalStore } from '../storage/approval-store.ts';
import type { CallLog } from './call-log.ts';
import { readEvents } from './read-events.ts';

export interface ServerLinkOptions {
  /** `key` holds `gateway:link`. */
  readonly server: { readonly url: string; readonly key: string };
  /** Of the data directory. */
  readonly instance: string;
  /** Where the gateway itself is reached. */
  readonly url: string;
  readonly version: string;
  readonly approvals: Pick<ApprovalStore, 'listChanged'>;
  readonly calls: Pick<CallLog, 'after' | 'written'>;
  readonly dangersOf: (approval: Approval) => readonly string[];
  /** Throws as the gateway's own routes do. */
  readonly decide: (decision: LinkDecision) => Promise<unknown>;
  readonly onProblem: (message: string) => void;
}

/** Tells the server of every approval in the order of their changes and of calls, and hears decisions made there. */
export interface ServerLink {
  /** Something may have changed. */
  wake(): void;
  isConnected(): boolean;
  close(): Promise<void>;
}

/** Approvals told at once, by number and by the characters of their arguments. */
const BATCH = 100;
const BATCH_CHARACTERS = 1_000_000;
/** Of calls as JSON. */
const CALLS_CHARACTERS = 1_000_000;
const TIMEOUT_MS = 15_000;
/** Changes that come close upon each other are told together. */
const GATHER_MS = 50;
const RETRY_MS = 250;
const RETRY_MS_MAX = 5_000;

/**
 * Opens the link and keeps it: a server that is away is asked again. What changed meanwhile stands in the gateway's own
 * store, and is told from where the server says that it has heard.
 */
export function openServerLink(options: ServerLinkOptions): ServerLink {
  return new Link(options);
}

class Link implements ServerLink {
  readonly #options: ServerLinkOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #session: Session | undefined;
  #gathering: NodeJS.Timeout | undefined;

  constructor(options: ServerLinkOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  wake(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#session?.tell();
    }, GATHER_MS).unref();
  }

  isConnected(): boolean {
    return this.#session !== undefined;
  }

  async close(): Promise<void> {
    clearTimeout(this.#gathering);
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let failures = 0;
    while (!signal.aborted) {
      const events = {
        onHello: (session: Session) => (this.#session = session),
        onTold: () => (failures = 0),
      };
      const problem = await new Session(this.#options, signal, events)
        .run()
        .then(() => 'it closed the connection', messageOf);
      this.#session = undefined;
      if (signal.aborted) return;
      // Once for each time that the server is away.
      if (failures === 0) {
        const meanwhile = 'approvals are decided at the gateway alone meanwhile';
        this.#options.onProblem(
          `no link with ${this.#options.server.url}: ${problem}; ${meanwhile}`,
        );
      }
      failures += 1;
      const waitMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(failures - 1, 10));
      await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

const helloEvent = z.object({
  type: z.literal('hello'),
  connection: z.string(),
  approvals_cursor: z.string(),
  calls_cursor: z.string(),
});
const decisionEvent = z.object({
  type: z.literal('decision'),
  id: z.string(),
  approval: z.string(),
  decision: z.enum(['approve', 'deny']),
  reason: z.string().nullable(),
  by: z.object({
    kind: z.enum(['user', 'service', 'api_key', 'system']),
    id: z.string(),
    name: z.string().min(1),
  }),
});
const event = z.union([helloEvent, decisionEvent]);

interface Cursor {
  readonly change: number;
  readonly id: string;
}

interface SessionEvents {
  /** The server has answered, and says how far it has heard. */
  readonly onHello: (session: Session) => void;
  /** The server has taken what was told. */
  readonly onTold: () => void;
}

/** One connection, from its beginning to its end. */
class Session {
  readonly #options: ServerLinkOptions;
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  readonly #events: SessionEvents;
  /** Undefined until the server has said how far it has heard. */
  #cursor: Cursor | undefined;
  #connection = '';
  /** The span of the last call that was told. */
  #lastCall = '';
  #answers: DecisionAnswer[] = [];
  #telling = false;
  #again = false;
  #silence: NodeJS.Timeout | undefined;

  constructor(options: ServerLinkOptions, stop: AbortSignal, events: SessionEvents) {
    this.#options = options;
    this.#signal = AbortSignal.any([stop, this.#end.signal]);
    this.#events = events;
  }

  /** Resolves when the server ends the stream; rejects with what ended it otherwise. */
  async run(): Promise<void> {
    this.#heard();
    const beat = setInterval(() => this.tell(true), LINK_BEAT_MS).unref();
    try {
      const { instance, url, version } = this.#options;
      const query = new URLSearchParams({ instance, url, version }).toString();
      const answer = await this.#ask(`${GATEWAY_LINK_PATH}?${query}`, {}, this.#signal);
      for await (const data of readEvents(answer.body!, () => this.#heard()))
        await this.#take(data);
    } catch (error) {
      // What ended the session says more than that it was ended.
      throw this.#end.signal.aborted ? this.#end.signal.reason : error;
    } finally {
      clearInterval(beat);
      clearTimeout(this.#silence);
      this.#end.abort();
    }
  }

  /** Tells what changed, and answers decisions; with `beat` also that there is nothing new. */
  tell(beat = false): void {
    if (this.#cursor === undefined) return;
    if (this.#telling) {
      this.#again = true;
      return;
    }
    this.#telling = true;
    this.#tellAll(beat)
      .catch((error: unknown) => this.#end.abort(error))
      .finally(() => {
        this.#telling = false;
        // Asked for while the last look came to its end.
        if (this.#again) this.tell();
      });
  }

  async #take(data: string): Promise<void> {
    const message = event.parse(JSON.parse(data));
    if (message.type === 'decision') {
      void this.#decide(message);
      return;
    }
    this.#cursor = await this.#knownCursor(message.approvals_cursor);
    this.#connection = message.connection;
    this.#lastCall = message.calls_cursor;
    this.#events.onHello(this);
    this.tell(true);
  }

  /** The beginning where this store has not come so far: it was put back to what it was before. */
  async #knownCursor(text: string): Promise<Cursor> {
    const cursor = parseCursor(text);
    if (cursor.change === 0) return BEGINNING;
    const before = { change: cursor.change - 1, id: LAST_ID };
    const known = await this.#options.approvals.listChanged(before, 1);
    return known.length === 0 ? BEGINNING : cursor;
  }

  async #decide(decision: LinkDecision): Promise<void> {
    try {
      await this.#options.decide(decision);
      this.#answers.push({ id: decision.id });
    } catch (error) {
      const code = error instanceof AppError ? error.code : 'INTERNAL_ERROR';
      this.#answers.push({ id: decision.id, error: { code, message: messageOf(error) } });
    }
    this.tell();
  }

  async #tellAll(beat: boolean): Promise<void> {
    let due = beat;
    for (;;) {
      this.#again = false;
      // Taken before the look, so that an answer never comes before the approval that it is about.
      const answers = this.#answers;
      this.#answers = [];
      const { batch, cursor, isLast } = await this.#next();
      const { calls, areLast } = await this.#nextCalls();
      if (!isLast) this.#answers = [...answers, ...this.#answers];
      if (due || batch.length > 0 || calls.length > 0 || (isLast && answers.length > 0)) {
        const { instance } = this.#options;
        const lastCall = calls.at(-1)?.span_id;
        await this.#report({
          instance,
          connection: this.#connection,
          approvals: batch,
          calls,
          answers: isLast ? answers : [],
          ...(cursor && { approvals_cursor: formatCursor(cursor) }),
          ...(lastCall !== undefined && { calls_cursor: lastCall }),
        });
        this.#cursor = cursor ?? this.#cursor;
        this.#lastCall = lastCall ?? this.#lastCall;
        this.#events.onTold();
      }
      due = false;
      if (isLast && areLast && !this.#again && this.#answers.length === 0) return;
    }
  }

  async #next() {
    const { approvals, dangersOf } = this.#options;
    const changed = await approvals.listChanged(this.#cursor!, BATCH);
    const batch: ToldApprovalWire[] = [];
    let cursor: Cursor | undefined;
    let characters = 0;
    for (const { approval, change } of changed) {
      characters += approval.paramsJson.length;
      if (batch.length > 0 && characters > BATCH_CHARACTERS) break;
      const isOpen = approval.status === 'pending';
      batch.push(wireOf(approval, isOpen ? dangersOf(approval) : []));
      cursor = { change, id: approval.id };
    }
    const isLast = changed.length < BATCH && batch.length === changed.length;
    return { batch, cursor, isLast };
  }

  async #nextCalls() {
    // A crash must not forget a call that the server knows: all would be told again for want of where to go on.
    await this.#options.calls.written();
    const found = this.#options.calls.after(this.#lastCall, BATCH);
    let characters = 0;
    const calls = found.filter((call, at) => {
      characters += JSON.stringify(call).length;
      return at === 0 || characters <= CALLS_CHARACTERS;
    });
    return { calls, areLast: found.length < BATCH && calls.length === found.length };
  }

  async #report(report: LinkReport): Promise<void> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const body = JSON.stringify(report);
    const answer = await this.#ask(GATEWAY_LINK_PATH, { method: 'POST', body }, signal);
    const { data } = (await answer.json()) as { data: { rejected: readonly Rejected[] } };
    for (const { id, error } of data.rejected) {
      this.#options.onProblem(`the server does not take ${id}: ${error}`);
    }
  }

  async #ask(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const { url, key } = this.#options.server;
    const answer = await fetch(url.replace(/\/+$/, '') + path, {
      ...init,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      redirect: 'error',
      signal,
    });
    if (answer.ok) return answer;
    const text = await answer.text();
    throw new Error(`it answered ${answer.status}: ${errorIn(text)}`);
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(
      () => this.#end.abort(new Error('it says nothing any more')),
      LINK_SILENCE_MS,
    ).unref();
  }
}

interface Rejected {
  readonly id: string;
  readonly error: string;
}

const ERROR_CHARACTERS = 300;

function errorIn(text: string): string {
  try {
    return (JSON.parse(text) as { error: string }).error.slice(0, ERROR_CHARACTERS);
  } catch {
    return text.slice(0, ERROR_CHARACTERS);
  }
}

const formatCursor = ({ change, id }: Cursor): string => `${change}:${id}`;

const BEGINNING: Cursor = { change: 0, id: '' };
/** Behind every id. */
const LAST_ID = '\u{10ffff}';

/** The beginning for what is none. */
function parseCursor(text: string): Cursor {
  const [, change, id] = /^(\d{1,15}):(.*)$/s.exec(text) ?? [];
  return change === undefined ? BEGINNING : { change: Number(change), id: id! };
}

function wireOf(approval: Approval, dangers: readonly string[]): ToldApprovalWire {
  return {
    id: approval.id,
    agent: approval.agent,
    tool: approval.tool,
    arguments_sha256: approval.argumentsDigest,
    policy_version: approval.policyVersion,
    policy_rule: approval.policyRule,
    status: approval.status,
    execution: approval.execution,
    params_json: approval.paramsJson,
    injection_risk: approval.injectionRisk,
    session_id: approval.sessionId,
    trace_id: approval.traceId,
    span_id: approval.spanId,
    parent_span_id: approval.parentSpanId,
    face: approval.face,
    created_at_ms: approval.createdAtMs,
    expires_at_ms: approval.expiresAtMs,
    resolved_at_ms: approval.resolvedAtMs,
    resolved_by: approval.resolvedBy,
    reasoning: approval.reasoning,
    confidence: approval.confidence,
    executed_at_ms: approval.executedAtMs,
    dangers,
  };
}
