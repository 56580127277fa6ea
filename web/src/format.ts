/** How numbers, durations and times are written. Unknown is a dash, never 0. */

/** A space that does not break, between a number and its unit. */
const SPACE = '\u00a0';
export const DASH = '—';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `12480` → `12,480`. */
export function formatCount(count: number | null | undefined): string {
  return count === null || count === undefined || !Number.isFinite(count)
    ? DASH
    : whole.format(count);
}

/** `41234567` → `41.2 M`; below ten thousand as a whole number. */
export function formatCompact(count: number | null | undefined): string {
  if (count === null || count === undefined || !Number.isFinite(count)) return DASH;
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    // 0.05 below, so that what rounds up to the next unit is written in it.
    if (Math.abs(count) >= size * (size === 1e3 ? 10 : 0.99995)) {
      return `${(count / size).toFixed(1)}${SPACE}${unit}`;
    }
  }
  return whole.format(count);
}

/** `count` things: `1 span`, `24 spans`. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Three figures at most below a minute, then the two largest units. `ns` is nanoseconds. */
export function formatDuration(ns: number | null | undefined): string {
  if (ns === null || ns === undefined || !Number.isFinite(ns) || ns < 0) return DASH;
  if (ns === 0) return `0${SPACE}s`;
  if (ns < 999.5) return `${ns.toFixed(0)}${SPACE}ns`;
  if (ns < 999_500) return `${threeFigures(ns / 1e3)}${SPACE}µs`;
  if (ns < 999_500_000) return `${threeFigures(ns / 1e6)}${SPACE}ms`;
  if (ns < 59_950_000_000) return `${threeFigures(ns / 1e9)}${SPACE}s`;
  const seconds = Math.round(ns / 1e9);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${SPACE}min${SPACE}${pad(seconds % 60)}${SPACE}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}${SPACE}h${SPACE}${pad(minutes % 60)}${SPACE}min`;
  return `${Math.floor(hours / 24)}${SPACE}d${SPACE}${hours % 24}${SPACE}h`;
}

/** US dollars: `$184.20`, below a dollar four figures after the point, below a hundredth of a cent as `<$0.0001`. */
export function formatDollars(usd: number | null | undefined): string {
  if (usd === null || usd === undefined || !Number.isFinite(usd)) return DASH;
  const sign = usd < 0 ? '−' : '';
  const size = Math.abs(usd);
  if (size === 0) return '$0';
  if (size < 0.0001) return `${sign}<$0.0001`;
  if (size < 1) return `${sign}$${size.toFixed(4)}`;
  return `${sign}$${dollars.format(size)}`;
}

const dollars = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});

/** A share of one: `1.3 %`; unknown is a dash. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return DASH;
  const percent = share * 100;
  const digits = percent === 0 || percent === 100 ? 0 : 1;
  return `${percent.toFixed(digits)}${SPACE}%`;
}

/** A step of a chart, which is a whole number of one unit: `30 s`, `2 min`, `1 h`, `1 d`. */
export function formatStep(seconds: number): string {
  const [size, unit] = (
    [
      [86_400, 'd'],
      [3_600, 'h'],
      [60, 'min'],
      [1, 's'],
    ] as const
  ).find(([least]) => seconds >= least) ?? [1, 's'];
  return `${formatCount(seconds / size)}${SPACE}${unit}`;
}

function threeFigures(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** `2097152` → `2.0 MB` (decimal units). */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes}${SPACE}B`;
  if (bytes < 999_950) return `${(bytes / 1e3).toFixed(1)}${SPACE}kB`;
  return `${(bytes / 1e6).toFixed(1)}${SPACE}MB`;
}

/** Milliseconds since 1970 of an ISO time, a number of ms, or a string of nanoseconds; undefined when unknown. */
export function parseTimeMs(value: string | number | null | undefined): number | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (/^\d{16,}$/.test(value)) return Number(value.slice(0, -6));
  const ms = /^\d+$/.test(value) ? Number(value) : Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

/** How long ago, in one unit: `now`, `12 s ago`, `4 min ago`, `2 h ago`, `3 d ago`. */
export function formatAgo(ms: number | undefined, nowMs: number): string {
  if (ms === undefined) return DASH;
  const seconds = Math.floor((nowMs - ms) / 1000);
  if (seconds < -60) return `in ${formatDuration(-seconds * 1e9)}`;
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${seconds}${SPACE}s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${SPACE}min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}${SPACE}h ago`;
  return `${Math.floor(seconds / 86_400)}${SPACE}d ago`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function dateTimeFormat(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', options);
    formats.set(key, format);
  }
  return format;
}

/**
 * The time of day where the day is today's, else day, month and time; the year where it is another year.
 * In the viewer's zone, or in `timeZone`.
 */
export function formatTime(ms: number | undefined, nowMs: number, timeZone?: string): string {
  if (ms === undefined) return DASH;
  const zone = timeZone === undefined ? {} : { timeZone };
  const suffix = timeZone ?? '';
  const day = dateTimeFormat(`day ${suffix}`, { dateStyle: 'short', ...zone });
  const time = dateTimeFormat(`time ${suffix}`, { timeStyle: 'medium', ...zone }).format(ms);
  if (day.format(ms) === day.format(nowMs)) return time;
  const year = dateTimeFormat(`year ${suffix}`, { year: 'numeric', ...zone });
  const sameYear = year.format(ms) === year.format(nowMs);
  const date = dateTimeFormat(`date ${String(sameYear)} ${suffix}`, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
    ...zone,
  });
  return `${date.format(ms)}, ${time}`;
}

/** `2026-11-20 14:02:51.123 UTC`, for the hover. */
export function formatUtc(ms: number | undefined): string {
  if (ms === undefined || Math.abs(ms) > 8.64e15) return DASH;
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', ' UTC');
}

/** The first and last characters of an id: `7f3a91…c91e`. */
export function formatShortId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`;
}
