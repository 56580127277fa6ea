import { SPAN_STATUS } from '../model/outgoing-telemetry.ts';
import type { OutgoingEvent, OutgoingOrigin, OutgoingSpan } from '../model/outgoing-telemetry.ts';
import type { Session } from './read-session.ts';
import { asText, objectIn, textIn } from './session-event.ts';
import type { SessionEvent } from './session-event.ts';
import { rootSpanIdOf, spanIdOf, traceIdOf } from './session-id.ts';
import { SessionCounter } from './session-summary.ts';
import { SPAN_STYLE } from './span-style.ts';
import type { SpanHead, SpanStyle, SpanStyleName, ToolUse } from './span-style.ts';

/** Where a session stands among those that it was started by. */
export interface SessionPlace {
  /** The session that started it all, which names the trace; itself for most. */
  readonly traceSessionId: string;
  /** How many sessions are above it. */
  readonly depth: number;
}

export interface SpanOptions {
  readonly style: SpanStyleName;
  readonly place: SessionPlace;
}

const OK = { code: SPAN_STATUS.ok };
const UNSET = { code: SPAN_STATUS.unset };
const MS = 1_000_000n;
/** Of a call of which no end is known. */
const UNFINISHED_NS = MS;
/** What has neither come to an end nor can be waited for any longer. */
const OPEN_MAX = 10_000;
const ROOT_EVENTS_MAX = 1_000;
const PROMPTS_MAX = 20;
const PROMPT_CHARACTERS_MAX = 4_096;

export function originOf(
  session: Session,
  options: { service: string; version: string; style: SpanStyleName },
): OutgoingOrigin {
  return {
    resource: {
      'service.name': options.service,
      'service.version': options.version,
      'agent.session_id': session.id,
    },
    scope: {
      name: 'signalbox.session',
      version: options.style === 'otlp-genai' ? 'genai-semconv-1.27' : options.version,
    },
  };
}

/** Makes spans of a session's events as they come: each as soon as it is complete, the root at the end. */
export class SessionSpans {
  readonly #session: Session;
  readonly #style: SpanStyle;
  readonly #place: SessionPlace;
  readonly #traceId: string;
  readonly #rootSpanId: string;
  readonly #counter: SessionCounter;
  /** Calls and requests that wait for their end, by event id. */
  readonly #open = new Map<string, SessionEvent>();
  /** Events that became spans, as possible parents. */
  readonly #spanned = new Set<string>();
  readonly #rootEvents: OutgoingEvent[] = [];
  readonly #prompts: string[] = [];
  #answer = '';
  #endNs: bigint;

  constructor(session: Session, { style, place }: SpanOptions) {
    this.#session = session;
    this.#style = SPAN_STYLE[style];
    this.#place = place;
    this.#traceId = traceIdOf(place.traceSessionId);
    this.#rootSpanId = rootSpanIdOf(session.id);
    const startNs = BigInt(session.meta.started_at_ns);
    this.#counter = new SessionCounter(startNs);
    this.#endNs = startNs;
  }

  /** The spans that the event completes. */
  add(event: SessionEvent): OutgoingSpan[] {
    this.#counter.add(event);
    if (event.timeNs > this.#endNs) this.#endNs = event.timeNs;
    this.#keepForRoot(event);
    switch (event.type) {
      case 'tool_call':
        return this.#begin(event);
      case 'llm_request':
        return this.#style.model(event, undefined) === undefined ? [] : this.#begin(event);
      case 'tool_result':
        return [this.#toolSpan(this.#end(event), event)];
      case 'llm_response':
        return this.#modelSpan(this.#end(event), event);
      case 'error':
        return this.#errorSpans(event);
      default:
        return [];
    }
  }

  /** What is still open, and the root. `killed` says why the session did not end by itself. */
  finish(killed?: string): OutgoingSpan[] {
    const left = [...this.#open.values()].flatMap((event) => this.#unfinished(event));
    this.#open.clear();
    return [...left, this.#rootSpan(killed)];
  }

  #begin(event: SessionEvent): OutgoingSpan[] {
    this.#spanned.add(event.id);
    this.#open.set(event.id, event);
    if (this.#open.size <= OPEN_MAX) return [];
    const [oldest] = this.#open.values();
    this.#open.delete(oldest!.id);
    return this.#unfinished(oldest!);
  }

  #end(event: SessionEvent): SessionEvent | undefined {
    const begun = this.#open.get(event.parentId);
    this.#open.delete(event.parentId);
    return begun;
  }

  #unfinished(event: SessionEvent): OutgoingSpan[] {
    const span =
      event.type === 'tool_call'
        ? [this.#toolSpan(event, undefined)]
        : this.#modelSpan(event, undefined);
    return span.map((each) => ({
      ...each,
      endNs: each.startNs + UNFINISHED_NS,
      status: { code: SPAN_STATUS.unset },
    }));
  }

  #toolSpan(call: SessionEvent | undefined, end: SessionEvent | undefined): OutgoingSpan {
    const failed = end?.type === 'error';
    const data = end?.data ?? {};
    const use: ToolUse = {
      tool: textIn(call?.data ?? {}, 'tool_name') || textIn(data, 'tool_name') || 'unknown',
      callId: textIn(call?.data ?? {}, 'tool_use_id') || (call ?? end)!.id,
      input: objectIn(call?.data ?? {}, 'arguments'),
      output: asText(data['result']),
      failure: failed
        ? { type: textIn(data, 'error_type') || 'error', message: textIn(data, 'error') }
        : undefined,
    };
    const head = this.#style.tool(use);
    if (use.failure === undefined) return this.#span(call, end, head, OK);
    const span = this.#span(call, end, head, {
      code: SPAN_STATUS.error,
      message: use.failure.message,
    });
    const attributes = this.#style.exception(use.failure);
    return { ...span, events: [{ name: 'exception', timeNs: span.endNs, attributes }] };
  }

  #modelSpan(
    request: SessionEvent | undefined,
    response: SessionEvent | undefined,
  ): OutgoingSpan[] {
    const head = this.#style.model(request, response);
    return head === undefined ? [] : [this.#span(request, response, head, UNSET)];
  }

  /** A failure of a tool ends its call; any other is the session's. */
  #errorSpans(event: SessionEvent): OutgoingSpan[] {
    const call = this.#open.get(event.parentId);
    if (call?.type === 'tool_call' || textIn(event.data, 'tool_name') !== '') {
      return [this.#toolSpan(this.#end(event), event)];
    }
    const failure = {
      type: textIn(event.data, 'error_type') || 'error',
      message: textIn(event.data, 'error'),
    };
    this.#addRootEvent('exception', event.timeNs, this.#style.exception(failure));
    if (call === undefined) return [];
    const spans = this.#modelSpan(this.#end(event), undefined);
    return spans.map((span) => ({
      ...span,
      endNs: event.timeNs > span.startNs ? event.timeNs : span.startNs,
      status: { code: SPAN_STATUS.error, message: failure.message },
    }));
  }

  /** Clocks go backwards at times: no span ends before it starts. */
  #span(
    begun: SessionEvent | undefined,
    end: SessionEvent | undefined,
    { name, kind, attributes }: SpanHead,
    status: OutgoingSpan['status'],
  ): OutgoingSpan {
    const first = (begun ?? end)!;
    const { durationMs } = end ?? {};
    const durationNs = durationMs === undefined ? 0n : BigInt(Math.round(durationMs * 1e6));
    const startNs = begun === undefined ? first.timeNs - durationNs : begun.timeNs;
    const told = end?.timeNs ?? startNs;
    const endNs = told > startNs ? told : startNs + durationNs;
    this.#spanned.add(first.id);
    return {
      traceId: this.#traceId,
      spanId: spanIdOf(first.id),
      parentSpanId: this.#parentOf(begun),
      name,
      kind,
      startNs,
      endNs,
      attributes,
      events: [],
      status,
    };
  }

  #parentOf(event: SessionEvent | undefined): string {
    const parent = event?.parentId ?? '';
    return this.#spanned.has(parent) ? spanIdOf(parent) : this.#rootSpanId;
  }

  #keepForRoot(event: SessionEvent): void {
    const told = this.#style.rootEvent(event);
    if (told !== undefined) this.#addRootEvent(told.name, event.timeNs, told.attributes);
    if (event.type === 'user_prompt' && this.#prompts.length < PROMPTS_MAX) {
      this.#prompts.push(textIn(event.data, 'prompt').slice(0, PROMPT_CHARACTERS_MAX));
    }
    if (event.type === 'assistant_response') {
      this.#answer = textIn(event.data, 'text').slice(0, PROMPT_CHARACTERS_MAX);
    }
  }

  #addRootEvent(name: string, timeNs: bigint, attributes: OutgoingEvent['attributes']): void {
    if (this.#rootEvents.length < ROOT_EVENTS_MAX)
      this.#rootEvents.push({ name, timeNs, attributes });
  }

  #rootSpan(killed: string | undefined): OutgoingSpan {
    const { meta, id } = this.#session;
    const summary = this.#counter.summary();
    const head = this.#style.root({
      sessionId: id,
      agent: meta.agent_name || 'agent',
      command: meta.command,
      depth: this.#place.depth,
      summary,
      prompts: this.#prompts,
      answer: this.#answer,
    });
    const { parent_session_id: parentSession, parent_event_id: parentEvent } = meta;
    const parentSpanId =
      parentEvent !== ''
        ? spanIdOf(parentEvent)
        : parentSession === ''
          ? ''
          : rootSpanIdOf(parentSession);
    const failed = summary.errors > 0 || killed !== undefined;
    return {
      ...head,
      traceId: this.#traceId,
      spanId: this.#rootSpanId,
      parentSpanId,
      startNs: summary.startNs,
      endNs: this.#endNs,
      events: this.#rootEvents,
      status: failed ? { code: SPAN_STATUS.error, message: killed } : { code: SPAN_STATUS.ok },
    };
  }
}

/** Where a session stands among all of them; a parent that is not there ends the walk. */
export function placeOf(session: Session, byId: ReadonlyMap<string, Session>): SessionPlace {
  let [top, depth] = [session.id, 0];
  let parent = session.meta.parent_session_id;
  while (parent !== '' && depth < 100) {
    [top, depth] = [parent, depth + 1];
    parent = byId.get(parent)?.meta.parent_session_id ?? '';
  }
  return { traceSessionId: top, depth };
}
