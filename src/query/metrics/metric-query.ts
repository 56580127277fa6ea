import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../errors.ts';
import { partsOf, prometheusName, seriesName } from '../../model/metric-name.ts';
import type { MetricStore, PointRange, StoredMetric } from '../../storage/metric-store.ts';
import type { Expr, Matcher } from '../promql/ast.ts';
import { typeOf } from '../promql/check-types.ts';
import { evaluate } from '../promql/evaluate.ts';
import type { Frame } from '../promql/frame.ts';
import { Budget } from '../promql/frame.ts';
import type { Labels } from '../promql/labels.ts';
import { keyOf, labelOf, NAME } from '../promql/labels.ts';
import { parsePromql, parseSelector } from '../promql/parse.ts';
import { queryFailed, queryInvalid } from '../promql/query-error.ts';
import { extentOf, withoutStale } from '../promql/select.ts';
import type { StepSeries, Value } from '../promql/series.ts';
import { familiesOf, TARGET_INFO } from './metric-families.ts';
import { MetricSource } from './metric-source.ts';
import { StreamDirectory } from './stream-directory.ts';

/** As many steps as Prometheus answers with. */
export const STEPS_MAX = 11_000;
const TIMEOUT_MS = 30_000;
const POINTS_MAX = 5_000_000;

export interface SeriesPoints {
  readonly labels: Labels;
  /** Milliseconds since 1970 UTC. */
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export type QueryResult =
  | { readonly kind: 'vector' | 'matrix'; readonly series: readonly SeriesPoints[] }
  | { readonly kind: 'scalar'; readonly timeMs: number; readonly value: number }
  | { readonly kind: 'string'; readonly timeMs: number; readonly value: string };

export interface QueryAnswer {
  readonly result: QueryResult;
  /** What the person who asked may have meant otherwise. */
  readonly hints: readonly string[];
}

interface QueryLimits {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A metric with the names of its series. */
export interface ListedMetric extends StoredMetric {
  readonly prometheusName: string;
  readonly seriesNames: readonly string[];
}

/** Which series: those that fit any of the selectors, or all. */
export interface SeriesChoice extends PointRange {
  readonly selectors: readonly string[];
}

/** Questions in PromQL about a project's metrics. Throws `VALIDATION_ERROR`, `QUERY_FAILED` and `QUERY_TIMEOUT`. */
export interface MetricQueries {
  instant(
    project: string,
    query: { readonly text: string; readonly timeMs: number } & QueryLimits,
  ): Promise<QueryAnswer>;
  range(
    project: string,
    query: {
      readonly text: string;
      readonly startMs: number;
      readonly endMs: number;
      readonly stepMs: number;
    } & QueryLimits,
  ): Promise<QueryAnswer>;
  listMetrics(project: string, range: PointRange): Promise<readonly ListedMetric[]>;
  findSeries(project: string, choice: SeriesChoice): Promise<readonly Labels[]>;
  listLabelNames(project: string, choice: SeriesChoice): Promise<readonly string[]>;
  listLabelValues(project: string, label: string, choice: SeriesChoice): Promise<readonly string[]>;
}

const ALL: readonly Matcher[] = [{ name: NAME, op: '!=', value: '' }];

export function createMetricQuery({
  store,
  clock,
  timeoutMs: timeoutMsMax = TIMEOUT_MS,
}: {
  readonly store: MetricStore;
  readonly clock: Clock;
  /** The longest that a question may take. */
  readonly timeoutMs?: number;
}): MetricQueries {
  const directory = new StreamDirectory(store);
  const sourceOf = (project: string): MetricSource =>
    new MetricSource({ store, directory, project });
  const budgetOf = ({ timeoutMs = timeoutMsMax, signal }: QueryLimits): Budget =>
    new Budget({
      deadlineMs: clock.now() + Math.min(timeoutMs, timeoutMsMax),
      now: () => clock.now(),
      signal,
    });
  return {
    async instant(project, { text, timeMs, ...limits }) {
      const expr = parsePromql(text);
      const source = sourceOf(project);
      const frame = frameOf({
        startMs: timeMs,
        endMs: timeMs,
        stepMs: 1,
        steps: 1,
        source,
        budget: budgetOf(limits),
      });
      return { result: await answerInstant(frame, text, expr), hints: source.hints };
    },

    async range(project, { text, startMs, endMs, stepMs, ...limits }) {
      const expr = parsePromql(text);
      const steps = stepsOf({ startMs, endMs, stepMs });
      const type = typeOf(expr);
      if (type !== 'scalar' && type !== 'vector') {
        throw queryInvalid(
          text,
          0,
          `invalid expression type "${type}" for range query, must be Scalar or instant Vector`,
        );
      }
      const source = sourceOf(project);
      const frame = frameOf({ startMs, endMs, stepMs, steps, source, budget: budgetOf(limits) });
      const value = await evaluate(frame, expr);
      return { result: { kind: 'matrix', series: toMatrix(frame, value) }, hints: source.hints };
    },

    ...createListings(store, createLabelSearch(sourceOf)),
  };
}

type Listings = Omit<MetricQueries, 'instant' | 'range'>;

function createListings(store: MetricStore, labelsOf: Listings['findSeries']): Listings {
  return {
    listMetrics: async (project, range) =>
      (await store.listMetrics(project, range)).map((metric) => {
        const base = prometheusName(metric);
        const seriesNames = partsOf(metric.type).map((part) => seriesName(base, part));
        return { ...metric, prometheusName: base, seriesNames };
      }),
    findSeries: labelsOf,
    listLabelNames: async (project, choice) => {
      const all = await labelsOf(project, choice);
      const names = new Set(all.flatMap((labels) => labels.map(([name]) => name)));
      for (const labels of all) for (const name of pointLabels(labels)) names.add(name);
      return [...names].sort();
    },
    async listLabelValues(project, label, choice) {
      if (label === NAME && choice.selectors.length === 0) {
        const names = familiesOf(await store.listMetrics(project, choice)).map(({ name }) => name);
        return [...new Set(names.length === 0 ? [] : [...names, TARGET_INFO])].sort();
      }
      const values = (await labelsOf(project, choice)).map((labels) => labelOf(labels, label));
      return [...new Set(values)].filter((value) => value !== '').sort();
    },
  };
}

/** The labels of each series that fits any of the selectors, once. */
function createLabelSearch(sourceOf: (project: string) => MetricSource): Listings['findSeries'] {
  return async (project, choice) => {
    const { selectors } = choice;
    const wanted =
      selectors.length === 0 ? [ALL] : selectors.map((text) => parseSelector(text).matchers);
    const source = sourceOf(project);
    const found = new Map<string, Labels>();
    for (const matchers of wanted) {
      for (const labels of await source.labels(matchers, choice)) found.set(keyOf(labels), labels);
    }
    return [...found.values()];
  };
}

/** Labels that only points have. */
const pointLabels = (labels: Labels): readonly string[] =>
  labelOf(labels, NAME).endsWith('_bucket') ? ['le'] : [];

/** `endMs` may lie behind the last step. */
function frameOf({
  endMs,
  ...parts
}: Pick<Frame, 'startMs' | 'stepMs' | 'steps' | 'source' | 'budget'> & {
  readonly endMs: number;
}): Frame {
  return { ...parts, queryStartMs: parts.startMs, queryEndMs: endMs };
}

function stepsOf(query: { startMs: number; endMs: number; stepMs: number }): number {
  const { startMs, endMs, stepMs } = query;
  if (!(stepMs >= 1)) throw invalid('the step must be greater than 0');
  if (endMs < startMs) throw invalid('the end must not be before the start');
  const steps = Math.floor((endMs - startMs) / stepMs) + 1;
  if (steps <= STEPS_MAX) return steps;
  throw invalid(
    'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
  );
}

const invalid = (detail: string) => new AppError('VALIDATION_ERROR', detail);

async function answerInstant(frame: Frame, text: string, expr: Expr): Promise<QueryResult> {
  const timeMs = frame.startMs;
  if (expr.kind === 'range') {
    const { firstMs, lastMs } = extentOf(frame, expr.selector.shift);
    const { matchers } = expr.selector;
    const found = await frame.source.select(matchers, firstMs - expr.rangeMs, lastMs);
    const series = found.map(withoutStale).filter(({ values }) => values.length > 0);
    return { kind: 'matrix', series };
  }
  if (expr.kind === 'subquery') {
    throw queryInvalid(
      text,
      expr.from,
      'a subquery alone has no answer; wrap it in a function such as max_over_time, or ask for its expression over time',
    );
  }
  const value = await evaluate(frame, expr);
  if (value.kind === 'scalar') return { kind: 'scalar', timeMs, value: value.values[0]! };
  if (value.kind === 'string') return { kind: 'string', timeMs, value: value.value };
  const series = value.series
    .filter(({ present }) => present[0] === 1)
    .map(({ labels, values }) => ({ labels, timesMs: [timeMs], values }));
  return { kind: 'vector', series };
}

function toMatrix(frame: Frame, value: Value): SeriesPoints[] {
  const series: readonly StepSeries[] =
    value.kind === 'vector'
      ? value.series
      : value.kind === 'scalar'
        ? [{ labels: [], values: value.values, present: new Uint8Array(frame.steps).fill(1) }]
        : [];
  if (series.length * frame.steps > POINTS_MAX) {
    throw queryFailed(
      `the answer has ${series.length} series of ${frame.steps} steps, more than ${POINTS_MAX} points; aggregate, use topk, or ask with a larger step`,
    );
  }
  return series
    .map((one) => pointsOf(frame, one))
    .filter(({ values }) => values.length > 0)
    .sort((one, other) => compareLabels(one.labels, other.labels));
}

function pointsOf(frame: Frame, { labels, values, present }: StepSeries): SeriesPoints {
  const count = present.reduce((sum, one) => sum + one, 0);
  const timesMs = new Float64Array(count);
  const kept = new Float64Array(count);
  let place = 0;
  for (let step = 0; step < values.length; step++) {
    if (present[step] === 0) continue;
    timesMs[place] = frame.startMs + step * frame.stepMs;
    kept[place++] = values[step]!;
  }
  return { labels, timesMs, values: kept };
}

/** In the order that Prometheus lists series in: by names and values, one label after the other. */
function compareLabels(one: Labels, other: Labels): number {
  for (let at = 0; at < one.length && at < other.length; at++) {
    const [name, value] = one[at]!;
    const [otherName, otherValue] = other[at]!;
    if (name !== otherName) return name < otherName ? -1 : 1;
    if (value !== otherValue) return value < otherValue ? -1 : 1;
  }
  return one.length - other.length;
}
