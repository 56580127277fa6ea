import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { downloadCsv } from '../csv.ts';
import { formatTime } from '../format.ts';
import { visibleText } from '../visible-text.ts';
import {
  BAND_COLOR,
  BAND_SERIES_COUNT,
  bandData,
  bandOptions,
  drawMark,
  drawOutside,
} from './time-band.ts';
import type { TimeBand, TimeMark } from './time-band.ts';
import './TimeChart.css';

export interface ChartSeries {
  /** Shown as it is: callers make foreign text visible first where it may hide something. */
  readonly label: string;
  /** The name of a colour of `tokens.css`, e.g. `--agent`. */
  readonly color: string;
  /** One per time; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

export interface TimeChartProps {
  readonly title: string;
  /** Beside the title: what is drawn, and in what unit. */
  readonly unit: string;
  /** Milliseconds since 1970 UTC, rising. */
  readonly timesMs: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly format: (value: number) => string;
  readonly stacked?: boolean;
  readonly bars?: boolean;
  readonly height?: number;
  /** What is usual of the first series, drawn behind it; not together with a stack. */
  readonly band?: TimeBand | undefined;
  /** A span of time that stands out. */
  readonly mark?: TimeMark | undefined;
  /** Told of a span of time that was dragged over. */
  readonly onBrush?: ((fromMs: number, toMs: number) => void) | undefined;
}

/** A chart over time with its figures as a table behind it. Null is a gap, not a zero. */
export function TimeChart(props: TimeChartProps) {
  const [asTable, setAsTable] = useState(false);
  const { title, unit, series } = props;
  return (
    <figure className="panel chart" aria-label={`${title}, ${unit}`}>
      <figcaption>
        <h2>{title}</h2>
        <span className="faint">{unit}</span>
        <span className="chart-tools">
          <button
            type="button"
            className="button small plain"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? 'Chart' : 'Table'}
          </button>
          <button type="button" className="button small plain" onClick={() => saveCsv(props)}>
            CSV
          </button>
        </span>
      </figcaption>
      {asTable ? <ChartTable {...props} /> : <Plot {...props} />}
      {(series.length > 1 || props.band !== undefined) && !asTable && (
        <Legend series={legendOf(props)} />
      )}
    </figure>
  );
}

type LegendEntry = Pick<ChartSeries, 'label' | 'color'>;

function legendOf({ series, band }: TimeChartProps): readonly LegendEntry[] {
  return band === undefined ? series : [...series, { label: band.label, color: BAND_COLOR }];
}

/** The series, and the band's figures as series, for the table and the file. */
function columnsOf({
  series,
  band,
}: TimeChartProps): readonly Pick<ChartSeries, 'label' | 'values'>[] {
  if (band === undefined) return series;
  return [
    ...series,
    { label: 'usual', values: band.usual },
    { label: 'from', values: band.low },
    { label: 'to', values: band.high },
  ];
}

function Legend({ series }: { readonly series: readonly LegendEntry[] }) {
  return (
    <ul className="chart-legend">
      {series.map(({ label, color }) => (
        <li key={label}>
          <Swatch color={color} />
          {visibleText(label, 60)}
        </li>
      ))}
    </ul>
  );
}

function Swatch({ color }: { readonly color: string }) {
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    ref.current?.style.setProperty('background', `var(${color})`);
  }, [color]);
  return <span ref={ref} className="swatch" aria-hidden="true" />;
}

function ChartTable(props: TimeChartProps) {
  const { timesMs, format } = props;
  const series = columnsOf(props);
  const nowMs = timesMs.at(-1) ?? 0;
  return (
    <div className="chart-table" tabIndex={0} role="region" aria-label="Figures">
      <table className="table">
        <thead>
          <tr>
            <th>Time</th>
            {series.map(({ label }) => (
              <th key={label} className="num">
                {visibleText(label, 60)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {timesMs.map((ms, at) => (
            <tr key={ms}>
              <td className="num left">{formatTime(ms, nowMs)}</td>
              {series.map(({ label, values }) => (
                <td key={label} className="num">
                  {values[at] === null || values[at] === undefined ? '—' : format(values[at])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function saveCsv(props: TimeChartProps): void {
  const { title, timesMs } = props;
  const series = columnsOf(props);
  const rows = timesMs.map((ms, at) => [
    new Date(ms).toISOString(),
    ...series.map(({ values }) => values[at] ?? null),
  ]);
  downloadCsv(title, [['time', ...series.map(({ label }) => label)], ...rows]);
}

/** The values to draw: in a stack each series stands on those before it. */
function stackOf(
  series: readonly ChartSeries[],
  stacked: boolean,
): readonly (readonly (number | null)[])[] {
  if (!stacked) return series.map(({ values }) => values);
  const base: number[] = [];
  return series.map(({ values }) =>
    values.map((value, at) => {
      base[at] = (base[at] ?? 0) + (value ?? 0);
      return base[at];
    }),
  );
}

function Plot(props: TimeChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const theme = useThemeName();
  const { height = 180 } = props;
  const data = useMemo(() => {
    const drawn = stackOf(props.series, props.stacked === true);
    // The tallest of a stack is drawn first, so that the lower ones lie on it.
    const ordered = props.stacked === true ? drawn.toReversed() : drawn;
    const usual = props.band === undefined ? [] : bandData(props.band);
    return [props.timesMs.map((ms) => ms / 1000), ...usual, ...ordered] as uPlot.AlignedData;
  }, [props.series, props.timesMs, props.stacked, props.band]);
  const shape = JSON.stringify([
    props.series.map(({ label, color }) => [label, color]),
    props.stacked,
    props.bars,
    props.band !== undefined,
    height,
    theme,
  ]);
  const told = useRef(props);
  const plot = useRef<uPlot | undefined>(undefined);
  useEffect(() => {
    told.current = props;
  });
  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const made = new uPlot(optionsOf(told, element.clientWidth, height), data, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
    // Data alone is handed to the same plot below.
  }, [shape]);
  useEffect(() => plot.current?.setData(data), [data]);
  return <div ref={holder} className="plot" />;
}

function optionsOf(
  told: { readonly current: TimeChartProps },
  width: number,
  height: number,
): uPlot.Options {
  const { series, stacked, bars } = told.current;
  const style = getComputedStyle(document.documentElement);
  const colorOf = (name: string): string => resolveColor(style.getPropertyValue(name));
  const axis = {
    stroke: colorOf('--ink-3'),
    grid: { stroke: colorOf('--line'), width: 1 },
    ticks: { show: false },
    font: '11px "Inter Variable", system-ui, sans-serif',
  };
  const ordered = stacked === true ? series.toReversed() : series;
  const usual = told.current.band === undefined ? undefined : bandOptions(colorOf);
  return {
    width,
    height,
    legend: { show: false },
    cursor: { drag: { x: told.current.onBrush !== undefined, y: false } },
    scales: { y: { range: (_plot, least, most) => rangeOf(least, most) } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        values: (_plot, ticks, _axis, _space, stepSeconds) =>
          ticks.map((seconds) => formatTick(seconds * 1000, stepSeconds)),
      },
      {
        ...axis,
        size: (_plot, texts) => axisWidth(texts),
        incrs: (plot) => (isWhole(plot) ? WHOLE_STEPS : STEPS),
        // A low chart has room for the top of its scale as well.
        space: height < 100 ? 14 : 26,
        values: (_plot, ticks) => tickTexts(ticks, told.current.format),
      },
    ],
    ...(usual === undefined ? {} : { bands: usual.bands }),
    series: [
      {},
      ...(usual?.series ?? []),
      ...ordered.map(({ label, color }) => ({
        label,
        stroke: colorOf(color),
        width: stacked === true || bars === true ? 0 : 1.5,
        points: { show: false },
        ...(stacked === true || bars === true ? { fill: colorOf(color) } : {}),
        ...(bars === true ? { paths: uPlot.paths.bars!({ size: [0.7, 48], gap: 1 }) } : {}),
      })),
    ],
    hooks: {
      setSelect: [(plot) => brush(plot, told.current)],
      drawClear: [
        (plot) => {
          const { mark } = told.current;
          if (mark !== undefined) drawMark(plot, mark, colorOf('--stop-soft'));
        },
      ],
      draw: [
        (plot) => {
          const { band } = told.current;
          const values = plot.data[BAND_SERIES_COUNT + 1];
          if (band === undefined || values === undefined) return;
          drawOutside(plot, band, [...values] as (number | null)[], colorOf('--stop'));
        },
      ],
    },
  };
}

const STEPS = Array.from({ length: 22 }, (_, at) => at - 9).flatMap((exponent) =>
  [1, 2, 2.5, 5].map((factor) => factor * 10 ** exponent),
);
const WHOLE_STEPS = STEPS.filter((step) => Number.isInteger(step));

/** Of what is counted there are no halves: a line between two counts would stand for nothing. */
function isWhole(plot: uPlot): boolean {
  const [, ...series] = plot.data;
  return series.every((values) => [...values].every((value) => Number.isInteger(value ?? 0)));
}

const CHARACTER_WIDTH = 7;

/** As wide as the longest text needs. */
function axisWidth(texts: readonly string[] | null): number {
  const longest = Math.max(2, ...(texts ?? []).map((text) => text.length));
  return 16 + longest * CHARACTER_WIDTH;
}

/** What stands beside the ticks: cents without their hundredths, and no text twice, as of halves of a run. */
export function tickTexts(ticks: readonly number[], format: (value: number) => string): string[] {
  const texts = ticks.map((value) => format(value).replace(/(\.\d\d)00$/, '$1'));
  return texts.map((text, at) => (at > 0 && texts[at - 1] === text ? '' : text));
}

/** From zero, whichever side the values lie on. */
function rangeOf(least: number, most: number): [number, number] {
  const low = least < 0 ? least * 1.08 : 0;
  return [low, most > 0 ? most * 1.08 : low < 0 ? 0 : 1];
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** The time of day, or the day where the ticks are days or the tick is midnight. */
function formatTick(ms: number, stepSeconds: number): string {
  const time = clock.format(ms);
  return stepSeconds >= 86_400 || time === '00:00' ? day.format(ms) : time;
}

function brush(plot: uPlot, { onBrush }: TimeChartProps): void {
  if (plot.select.width < 4 || onBrush === undefined) return;
  const at = (left: number): number => plot.posToVal(left, 'x') * 1000;
  onBrush(at(plot.select.left), at(plot.select.left + plot.select.width));
}

/** A canvas does not know `light-dark()`: the browser is asked what it comes to. */
function resolveColor(value: string): string {
  const probe = document.createElement('span');
  probe.style.color = value;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Changes when the colours do. */
function useThemeName(): string {
  const [name, setName] = useState(themeName);
  useEffect(() => {
    const media = matchMedia('(prefers-color-scheme: dark)');
    const tell = (): void => setName(themeName());
    const observer = new MutationObserver(tell);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    media.addEventListener('change', tell);
    return () => {
      observer.disconnect();
      media.removeEventListener('change', tell);
    };
  }, []);
  return name;
}

function themeName(): string {
  const chosen = document.documentElement.dataset['theme'] ?? '';
  return `${chosen} ${matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'}`;
}
