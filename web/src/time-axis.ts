import { formatDuration } from './format.ts';

export interface AxisTick {
  /** Position on the axis, 0 to 1. */
  readonly at: number;
  readonly label: string;
}

const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Beyond seconds, clocks do not count in tens. */
const CLOCK_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((count) => count * HOUR),
];

/** At most `ticksMax` + 1 round marks from 0 to `durationNs`. */
export function axisTicks(durationNs: number, ticksMax: number): AxisTick[] {
  if (!(durationNs > 0) || ticksMax < 1) return [{ at: 0, label: formatDuration(0) }];
  const step = roundStep(durationNs / ticksMax);
  const ticks: AxisTick[] = [];
  for (let count = 0; count * step <= durationNs && ticks.length <= ticksMax; count++) {
    ticks.push({ at: (count * step) / durationNs, label: formatAxisTime(count * step) });
  }
  return ticks;
}

/** The next round step from `least` nanoseconds up: 1, 2 or 5 times a power of ten, or a clock's. */
function roundStep(least: number): number {
  if (least > 30 * SECOND) {
    const step = CLOCK_STEPS.find((each) => each >= least);
    return step ?? decimalStep(least / (24 * HOUR)) * 24 * HOUR;
  }
  return least > 20 * SECOND ? 30 * SECOND : decimalStep(least);
}

function decimalStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power;
}

/** Durations on an axis are round, so zeros say nothing: `1.50 s` is `1.5 s`, `3 min 00 s` is `3 min`. */
function formatAxisTime(ns: number): string {
  return formatDuration(ns)
    .replace(/\.(\d*?)0+(?=\D)/, (_, kept: string) => (kept === '' ? '' : `.${kept}`))
    .replace(/(?<=min|h|d)\u00a00+\u00a0\w+$/, '');
}
