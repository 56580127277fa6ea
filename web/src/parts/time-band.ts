import type uPlot from 'uplot';

/** What is usual, drawn behind what was: a band, and a span of time that stands out. */

export interface TimeBand {
  /** What lies between `low` and `high`, for the legend and the table. */
  readonly label: string;
  /** One per time; null where nothing is known. */
  readonly usual: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

export interface TimeMark {
  readonly fromMs: number;
  readonly toMs: number;
}

export const BAND_COLOR = '--line';
const OUTSIDE_RADIUS = 3;

/** The series that the band adds below those that are drawn, in uPlot's order. */
export function bandData({ usual, low, high }: TimeBand): readonly (readonly (number | null)[])[] {
  return [high, low, usual];
}

export const BAND_SERIES_COUNT = 3;

type ColorOf = (name: string) => string;

export function bandOptions(colorOf: ColorOf): Required<Pick<uPlot.Options, 'bands' | 'series'>> {
  const hidden = { width: 0, points: { show: false } };
  return {
    series: [
      hidden,
      hidden,
      { stroke: colorOf('--ink-3'), width: 1, dash: [3, 4], points: { show: false } },
    ],
    bands: [{ series: [1, 2], fill: colorOf('--line') }],
  };
}

/** Shades the span of time, before anything else is drawn. */
export function drawMark(plot: uPlot, { fromMs, toMs }: TimeMark, color: string): void {
  const { ctx, bbox } = plot;
  const at = (ms: number): number => {
    const left = plot.valToPos(ms / 1000, 'x', true);
    return Math.min(Math.max(left, bbox.left), bbox.left + bbox.width);
  };
  // A window of an hour would vanish within a month.
  const width = Math.max(at(toMs) - at(fromMs), 4);
  ctx.save();
  ctx.fillStyle = color;
  ctx.fillRect(at(toMs) - width, bbox.top, width, bbox.height);
  ctx.restore();
}

/** Dots where a value lies outside of its band. */
export function drawOutside(
  plot: uPlot,
  band: TimeBand,
  values: readonly (number | null)[],
  color: string,
): void {
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = color;
  for (const at of outsideOf(band, values)) {
    ctx.beginPath();
    const x = plot.valToPos(plot.data[0][at]!, 'x', true);
    const y = plot.valToPos(values[at]!, 'y', true);
    ctx.arc(x, y, OUTSIDE_RADIUS * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}

/** The places of values outside of their band; where nothing is known, nothing is outside. */
export function outsideOf(
  { low, high }: Pick<TimeBand, 'low' | 'high'>,
  values: readonly (number | null)[],
): readonly number[] {
  return values.flatMap((value, at) => {
    const [least, most] = [low[at] ?? null, high[at] ?? null];
    if (value === null || least === null || most === null) return [];
    return value < least || value > most ? [at] : [];
  });
}
