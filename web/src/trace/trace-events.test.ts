import { expect, test } from 'vitest';

import { formatDuration } from '../format.ts';
import { countInWords, eventMarksOf, placeEvents } from './trace-events.ts';

const START = 1_795_176_000_000_000_000n;

const event = (afterNs: number, spanId: string, name = 'step', message: string | null = null) => ({
  span_id: spanId,
  time_unix_nano: String(START + BigInt(afterNs)),
  name,
  exception_type: message === null ? null : 'ValueError',
  exception_message: message,
});

const placesOf = (...events: readonly ReturnType<typeof event>[]) =>
  placeEvents(events, START, (id) => ({ a: 0, b: 1 })[id] ?? -1);

test('events stand under their spans, earliest first; those of no span or no time do not', () => {
  const timeless = { ...event(0, 'a'), time_unix_nano: '' };
  const placed = placesOf(event(40, 'a', 'late'), event(7, 'gone'), event(10, 'a'), timeless);
  expect([...placed]).toEqual([
    [
      0,
      [
        { title: 'step', isException: false, atNs: 10 },
        { title: 'late', isException: false, atNs: 40 },
      ],
    ],
  ]);
});

test('an exception says what it is, and marks the place that it shares with other events', () => {
  const placed = placesOf(
    event(200, 'b', 'retry\u202E'),
    event(201, 'b', 'exception', 'no such order'),
    event(900, 'b'),
  ).get(1)!;
  expect(eventMarksOf(placed, { startNs: 100, traceDurationNs: 1_000 })).toEqual([
    {
      at: 0.2,
      hasException: true,
      title: `retry\\u{202E} · +${formatDuration(100)}\nException ValueError: no such order · +${formatDuration(101)}`,
    },
    { at: 0.9, hasException: false, title: `step · +${formatDuration(800)}` },
  ]);
  expect(countInWords(placed)).toBe('2 events, 1 exception');
});

test('twenty thousand events of one span are a hundred marks', () => {
  const many = Array.from({ length: 20_000 }, (_, at) => event(at, 'a'));
  const marks = eventMarksOf(placesOf(...many).get(0)!, { startNs: 0, traceDurationNs: 20_000 });
  expect(marks).toHaveLength(101);
  expect(marks[0]!.title.split('\n').at(-1)).toBe('and 94 more');
});
