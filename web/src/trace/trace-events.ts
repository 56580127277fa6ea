import type { DataOf } from '../client/call.ts';
import { formatDuration, formatPlural } from '../format.ts';
import { visibleText } from '../visible-text.ts';
import { gatherMarks } from './axis-marks.ts';
import { readNano } from '../span.ts';

export type TraceEvents = DataOf<'GET /api/v1/traces/{traceId}/events'>;

/** An event of a span at its place in the trace. */
export interface PlacedEvent {
  /** The event's name, or what the exception says. */
  readonly title: string;
  readonly isException: boolean;
  /** Nanoseconds after the trace's start; negative for what was before. */
  readonly atNs: number;
}

/** Events under their spans, earliest first; `indexOf` finds a span by its id, -1 when it is not there. */
export function placeEvents(
  events: TraceEvents['events'],
  traceStartUnixNano: bigint,
  indexOf: (spanId: string) => number,
): ReadonlyMap<number, readonly PlacedEvent[]> {
  const bySpan = new Map<number, PlacedEvent[]>();
  for (const event of events) {
    const index = indexOf(event.span_id);
    const at = readNano(event.time_unix_nano);
    // One that says no time has no place; its span's panel has it.
    if (index < 0 || at === 0n) continue;
    const placed = {
      title: titleOf(event),
      isException: event.name === 'exception',
      atNs: Number(at - traceStartUnixNano),
    };
    const beside = bySpan.get(index);
    if (beside === undefined) bySpan.set(index, [placed]);
    else beside.push(placed);
  }
  for (const placed of bySpan.values()) placed.sort((a, b) => a.atNs - b.atNs);
  return bySpan;
}

function titleOf(event: TraceEvents['events'][number]): string {
  const { name, exception_type: type, exception_message: message } = event;
  const says = [type, message].filter((each) => each !== null).join(': ');
  return visibleText(says === '' ? name || '(no name)' : `Exception ${says}`, 160);
}

export interface EventMark {
  /** Where on the trace's axis, 0 to 1. */
  readonly at: number;
  readonly hasException: boolean;
  /** What is at the place, a line each. */
  readonly title: string;
}

const LINES_MAX = 6;

/** Marks for the events of a span, those at about the same place as one. */
export function eventMarksOf(
  events: readonly PlacedEvent[],
  span: { readonly startNs: number; readonly traceDurationNs: number },
): EventMark[] {
  return gatherMarks(events, span.traceDurationNs).map(({ at, items }) => {
    const lines = items
      .slice(0, LINES_MAX)
      .map(({ title, atNs }) => `${title} · ${afterStart(atNs - span.startNs)}`);
    if (items.length > LINES_MAX) lines.push(`and ${items.length - LINES_MAX} more`);
    return { at, hasException: items.some((each) => each.isException), title: lines.join('\n') };
  });
}

const afterStart = (ns: number): string =>
  ns < 0 ? `${formatDuration(-ns)} before the span` : `+${formatDuration(ns)}`;

/** What marks show, in words: `2 events, 1 exception`. */
export function countInWords(events: readonly PlacedEvent[]): string {
  const exceptions = events.filter(({ isException }) => isException).length;
  const others = events.length - exceptions;
  return [
    others === 0 ? '' : formatPlural(others, 'event'),
    exceptions === 0 ? '' : formatPlural(exceptions, 'exception'),
  ]
    .filter((each) => each !== '')
    .join(', ');
}
