import type { TimeWindow } from './policy-schema.ts';

const MINUTE_MS = 60_000;
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Answers whether a time, in milliseconds since 1970 UTC, is within the window. The answer is kept for its minute. */
export function compileTimeWindow(window: TimeWindow): (nowMs: number) => boolean {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: window.timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const [from, to] = [minuteOfDay(window.from), minuteOfDay(window.to)];
  const days = new Set<string>(window.days);
  let [minute, answer] = [Number.NaN, false];
  return (nowMs) => {
    const present = Math.floor(nowMs / MINUTE_MS);
    if (present !== minute) [minute, answer] = [present, isWithin(nowMs)];
    return answer;
  };

  function isWithin(nowMs: number): boolean {
    const parts = Object.fromEntries(
      format.formatToParts(nowMs).map(({ type, value }) => [type, value]),
    );
    const day = String(parts['weekday']).slice(0, 3).toLowerCase();
    const at = Number(parts['hour']) * 60 + Number(parts['minute']);
    if (from <= to) return days.has(day) && at >= from && at < to;
    // The part after midnight belongs to the day on which the window began.
    return (days.has(day) && at >= from) || (days.has(dayBefore(day)) && at < to);
  }
}

function minuteOfDay(text: string): number {
  const [hours, minutes] = text.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function dayBefore(day: string): string {
  return DAYS[(DAYS.indexOf(day as (typeof DAYS)[number]) + 6) % 7]!;
}
