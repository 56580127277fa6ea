import { formatDuration } from './format.ts';

export interface AxisTick {
  /** Position on the axis, 0 to 1. */
  readonly at: number;
  readonly label: string;
}

/** At most `ticksMax` round marks from 0 to `durationNs`, steps of 1, 2 or 5 times a power of ten. */
export function axisTicks(durationNs: number, ticksMax: number): AxisTick[] {
  if (!(durationNs > 0) || ticksMax < 1) return [{ at: 0, label: formatDuration(0) }];
  const rough = durationNs / ticksMax;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks: AxisTick[] = [];
  for (let count = 0; count * step <= durationNs && ticks.length <= ticksMax; count++) {
    ticks.push({ at: (count * step) / durationNs, label: formatAxisTime(count * step) });
  }
  return ticks;
}

/** Durations on an axis are round, so zeros after the point say nothing. */
function formatAxisTime(ns: number): string {
  return formatDuration(ns).replace(/\.(\d*?)0+(?=\D)/, (_, kept: string) =>
    kept === '' ? '' : `.${kept}`,
  );
}
