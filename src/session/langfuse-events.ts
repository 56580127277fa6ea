import type { LangfuseEvent } from '../exporter/langfuse.ts';
import { readEvents } from './read-session.ts';
import type { Session } from './read-session.ts';
import { isoOf } from './evidence-package.ts';
import { readScores } from './session-gauges.ts';
import { asText, numberIn, objectIn, present, textIn } from './session-event.ts';
import type { SessionEvent } from './session-event.ts';
import { rootSpanIdOf, spanIdOf, traceIdOf } from './session-id.ts';
import type { SessionPlace } from './session-spans.ts';
import { costOf, summarizeSession } from './session-summary.ts';
import type { JsonObject } from '../base/verifier.ts';

const TEXT_MAX = 10_000;
const cut = (text: string): string => text.slice(0, TEXT_MAX);

/**
 * A session in Langfuse's words: a trace, its tool calls as spans, its model calls as generations, its judgements as
 * scores. Ids follow from the session, so that exporting it again changes nothing.
 */
export function langfuseEventsOf(
  session: Session,
  place: SessionPlace,
  withScores: boolean,
): LangfuseEvent[] {
  const traceId = traceIdOf(place.traceSessionId);
  const summary = summarizeSession(session);
  const timestamp = isoOf(summary.startNs);
  const reading = new LangfuseReading(traceId);
  for (const event of readEvents(session)) reading.add(event);
  const { meta } = session;
  const head: LangfuseEvent =
    place.depth === 0
      ? {
          id: `${traceId}-trace`,
          type: 'trace-create',
          timestamp,
          body: present({
            id: traceId,
            timestamp,
            name: meta.agent_name,
            sessionId: session.id,
            input: reading.firstPrompt,
            output: reading.lastAnswer,
            metadata: present({
              provider: meta.provider,
              tool_calls: summary.toolCalls,
              errors: summary.errors,
              files_written: summary.filesWritten.length,
            }),
          }),
        }
      : {
          id: `${rootSpanIdOf(session.id)}-span`,
          type: 'span-create',
          timestamp,
          body: present({
            id: rootSpanIdOf(session.id),
            traceId,
            parentObservationId:
              meta.parent_event_id === '' ? undefined : spanIdOf(meta.parent_event_id),
            name: meta.agent_name,
            startTime: timestamp,
            endTime: isoOf(summary.endNs),
          }),
        };
  const parent = place.depth === 0 ? undefined : rootSpanIdOf(session.id);
  const observations = reading.observations(parent);
  const scores = withScores ? scoresOf(session, traceId, timestamp) : [];
  return [head, ...observations, ...scores];
}

function scoresOf(session: Session, traceId: string, timestamp: string): LangfuseEvent[] {
  return readScores(session).map(({ name, score, threshold, passed }) => {
    const id = `${traceId}-score-${name}`;
    const told = [
      threshold === undefined ? undefined : `threshold=${threshold}`,
      passed === undefined ? undefined : `passed=${passed}`,
    ].filter((part) => part !== undefined);
    const body = { id, traceId, name, value: score, dataType: 'NUMERIC', source: 'API' };
    return { id, type: 'score-create', timestamp, body: { ...body, comment: told.join(' ') } };
  });
}

class LangfuseReading {
  readonly #traceId: string;
  readonly #open = new Map<string, SessionEvent>();
  readonly #made: {
    readonly type: LangfuseEvent['type'];
    readonly body: JsonObject;
    readonly time: string;
  }[] = [];
  firstPrompt = '';
  lastAnswer = '';

  constructor(traceId: string) {
    this.#traceId = traceId;
  }

  add(event: SessionEvent): void {
    const { data } = event;
    switch (event.type) {
      case 'user_prompt':
        this.firstPrompt ||= cut(textIn(data, 'prompt'));
        return;
      case 'assistant_response':
        this.lastAnswer = cut(textIn(data, 'text'));
        return;
      case 'tool_call':
      case 'llm_request':
        this.#open.set(event.id, event);
        return;
      case 'tool_result':
      case 'error':
        if (event.type === 'tool_result' || textIn(data, 'tool_name') !== '') this.#addSpan(event);
        return;
      case 'llm_response':
        this.#addGeneration(event);
        return;
      default:
    }
  }

  /** Those without an end are given, too, without one. */
  observations(parent: string | undefined): LangfuseEvent[] {
    for (const event of this.#open.values()) {
      if (event.type !== 'tool_call') continue;
      this.#push('span-create', { ...this.#toolBody(event, undefined) }, event);
    }
    return this.#made.map(({ type, body, time }) => ({
      id: `${textIn(body, 'id')}-${type}`,
      type,
      timestamp: time,
      body: parent === undefined ? body : { parentObservationId: parent, ...body },
    }));
  }

  #addSpan(event: SessionEvent): void {
    const call = this.#open.get(event.parentId);
    this.#open.delete(event.parentId);
    this.#push('span-create', this.#toolBody(call, event), call ?? event);
  }

  #toolBody(call: SessionEvent | undefined, end: SessionEvent | undefined): JsonObject {
    const first = (call ?? end)!;
    const failed = end?.type === 'error';
    const tool = textIn(call?.data ?? {}, 'tool_name') || textIn(end?.data ?? {}, 'tool_name');
    return present({
      id: spanIdOf(first.id),
      traceId: this.#traceId,
      name: `tool/${tool}`,
      startTime: isoOf(first.timeNs),
      endTime: end === undefined ? undefined : isoOf(end.timeNs),
      input: objectIn(call?.data ?? {}, 'arguments'),
      output: end === undefined ? undefined : cut(asText(end.data['result'])),
      level: failed ? 'ERROR' : 'DEFAULT',
      statusMessage: failed ? cut(textIn(end.data, 'error')) : undefined,
    });
  }

  #addGeneration(event: SessionEvent): void {
    const request = this.#open.get(event.parentId);
    this.#open.delete(event.parentId);
    const { data } = event;
    const input = numberIn(data, 'input_tokens');
    const cacheRead = numberIn(data, 'cache_read_tokens') ?? 0;
    const cacheWrite = numberIn(data, 'cache_write_tokens') ?? 0;
    const { amount } = costOf(event);
    const body = present({
      id: spanIdOf((request ?? event).id),
      traceId: this.#traceId,
      name: 'llm-call',
      model: textIn(data, 'model'),
      startTime: isoOf((request ?? event).timeNs),
      endTime: isoOf(event.timeNs),
      // Langfuse adds the kinds up, so that the input must leave the cached parts out.
      usageDetails: present({
        input: input === undefined ? undefined : Math.max(0, input - cacheRead - cacheWrite),
        input_cached_tokens: cacheRead === 0 ? undefined : cacheRead,
        input_cache_creation: cacheWrite === 0 ? undefined : cacheWrite,
        output: numberIn(data, 'output_tokens'),
      }),
      costDetails: amount === null ? undefined : { total: Number(amount) / 1e12 },
    });
    this.#push('generation-create', body, request ?? event);
  }

  #push(type: LangfuseEvent['type'], body: JsonObject, at: SessionEvent): void {
    this.#made.push({ type, body, time: isoOf(at.timeNs) });
  }
}
