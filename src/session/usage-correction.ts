import { canonicalJson } from '../base/verifier.ts';
import type { JsonObject } from '../base/verifier.ts';
import { numberIn, objectIn, present, textIn } from './session-event.ts';
import type { NewEvent, SessionEvent } from './session-event.ts';
import { eventIdOf } from './session-id.ts';

/**
 * A transcript repeats a message of the model with the tokens that it has come to. What is recorded stays as it is; what a
 * message has more by now is an event of its own: an `llm_response` whose tokens are the difference, whose `corrects` is
 * the event that told of the call first, and whose `now` holds the figures as they are told now. So every sum is right,
 * and the call is counted once.
 */

const FIGURES = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cache_write_1h_tokens',
  'reasoning_tokens',
] as const;

/** What a call has used as far as it is recorded. */
export type RecordedUsage = Readonly<Partial<Record<(typeof FIGURES)[number], number>>>;

/** What an `llm_response` says that its call has used by then; of a correction, all of it. */
export function usageIn(data: JsonObject): RecordedUsage {
  const told = isCorrection(data) ? objectIn(data, 'now') : data;
  const usage: Partial<Record<(typeof FIGURES)[number], number>> = {};
  for (const figure of FIGURES) {
    const count = numberIn(told, figure);
    if (count !== undefined) usage[figure] = count;
  }
  return usage;
}

export const isCorrection = (data: JsonObject): boolean => textIn(data, 'corrects') !== '';

/** The event that brings what is recorded of a call to what is told of it now; undefined when it told no more. */
export function correctionOf(
  sessionId: string,
  response: NewEvent & { readonly id: string },
  recorded: RecordedUsage,
): NewEvent | undefined {
  const now = usageIn(response.data);
  const more = FIGURES.flatMap((figure) => {
    const difference = (now[figure] ?? 0) - (recorded[figure] ?? 0);
    return difference > 0 ? [[figure, difference] as const] : [];
  });
  if (more.length === 0) return undefined;
  return {
    type: 'llm_response',
    id: eventIdOf(sessionId, `${response.id}/${canonicalJson(now)}`),
    parentId: response.parentId,
    timeNs: response.timeNs,
    data: present({
      model: response.data['model'],
      ...Object.fromEntries(more),
      corrects: response.id,
      now,
    }),
  };
}

/** What is recorded of each call, by the id of the event that told of it first. */
export class UsageRecord {
  readonly #usage = new Map<string, RecordedUsage>();

  add(event: SessionEvent): void {
    if (event.type !== 'llm_response') return;
    const { data } = event;
    this.#usage.set(textIn(data, 'corrects') || event.id, usageIn(data));
  }

  of(eventId: string): RecordedUsage {
    return this.#usage.get(eventId) ?? {};
  }
}
