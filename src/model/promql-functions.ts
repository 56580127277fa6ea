/** What the functions of PromQL take and answer; facts that the parser and a page that completes queries share. */

export type PromqlType = 'scalar' | 'vector' | 'range' | 'string';

export interface PromqlFunction {
  readonly args: readonly PromqlType[];
  /** How many of the last arguments may be left out; `'many'` when the last may come again and again. */
  readonly optional?: number | 'many';
  readonly returns: 'scalar' | 'vector';
  readonly help: string;
}

const overTime = (help: string, first: readonly PromqlType[] = []): PromqlFunction => ({
  args: [...first, 'range'],
  returns: 'vector',
  help,
});

const perValue = (help: string, rest: readonly PromqlType[] = []): PromqlFunction => ({
  args: ['vector', ...rest],
  returns: 'vector',
  help,
});

const ofTime = (help: string): PromqlFunction => ({
  args: ['vector'],
  optional: 1,
  returns: 'vector',
  help: `${help}, UTC`,
});

export const PROMQL_FUNCTIONS: Readonly<Record<string, PromqlFunction>> = {
  abs: perValue('The size of each value'),
  absent: perValue('1 where there is no series'),
  absent_over_time: overTime('1 where there was no sample in the range'),
  acos: perValue('Arc cosine'),
  acosh: perValue('Inverse hyperbolic cosine'),
  asin: perValue('Arc sine'),
  asinh: perValue('Inverse hyperbolic sine'),
  atan: perValue('Arc tangent'),
  atanh: perValue('Inverse hyperbolic tangent'),
  avg_over_time: overTime('The mean of the samples in the range'),
  ceil: perValue('Rounded up'),
  changes: overTime('How often the value changed in the range'),
  clamp: perValue('Held between two limits', ['scalar', 'scalar']),
  clamp_max: perValue('At most so much', ['scalar']),
  clamp_min: perValue('At least so much', ['scalar']),
  cos: perValue('Cosine'),
  cosh: perValue('Hyperbolic cosine'),
  count_over_time: overTime('How many samples are in the range'),
  day_of_month: ofTime('Day of the month, 1 to 31'),
  day_of_week: ofTime('Day of the week, 0 is Sunday'),
  day_of_year: ofTime('Day of the year, 1 to 366'),
  days_in_month: ofTime('Days that the month has'),
  deg: perValue('Radians as degrees'),
  delta: overTime('By how much a gauge changed over the range'),
  deriv: overTime('Slope of a gauge per second, by least squares'),
  double_exponential_smoothing: {
    args: ['range', 'scalar', 'scalar'],
    returns: 'vector',
    help: 'A gauge smoothed, with its trend',
  },
  exp: perValue('e to the power of each value'),
  first_over_time: overTime('The oldest sample in the range'),
  floor: perValue('Rounded down'),
  histogram_quantile: {
    args: ['scalar', 'vector'],
    returns: 'vector',
    help: 'A quantile, 0 to 1, of a histogram’s _bucket series',
  },
  hour: ofTime('Hour of the day, 0 to 23'),
  idelta: overTime('The difference of the last two samples'),
  increase: overTime('By how much a counter rose over the range'),
  irate: overTime('Rise per second of a counter, from its last two samples'),
  label_join: {
    args: ['vector', 'string', 'string', 'string'],
    optional: 'many',
    returns: 'vector',
    help: 'Joins the values of labels into another label',
  },
  label_replace: {
    args: ['vector', 'string', 'string', 'string', 'string'],
    returns: 'vector',
    help: 'Sets a label from what a pattern finds in another',
  },
  last_over_time: overTime('The newest sample in the range'),
  ln: perValue('Natural logarithm'),
  log10: perValue('Decimal logarithm'),
  log2: perValue('Binary logarithm'),
  mad_over_time: overTime('Median absolute deviation of the samples in the range'),
  max_over_time: overTime('The greatest sample in the range'),
  min_over_time: overTime('The least sample in the range'),
  minute: ofTime('Minute of the hour, 0 to 59'),
  month: ofTime('Month, 1 to 12'),
  pi: { args: [], returns: 'scalar', help: 'π' },
  predict_linear: {
    args: ['range', 'scalar'],
    returns: 'vector',
    help: 'What a gauge will be so many seconds from now',
  },
  present_over_time: overTime('1 where there is a sample in the range'),
  quantile_over_time: overTime('A quantile of the samples in the range', ['scalar']),
  rad: perValue('Degrees as radians'),
  rate: overTime('Rise per second of a counter over the range'),
  resets: overTime('How often a counter began anew in the range'),
  round: { ...perValue('Rounded to the nearest multiple', ['scalar']), optional: 1 },
  scalar: { args: ['vector'], returns: 'scalar', help: 'The only value of a vector, or NaN' },
  sgn: perValue('1, 0 or −1 by the sign'),
  sin: perValue('Sine'),
  sinh: perValue('Hyperbolic sine'),
  sort: perValue('Least first; for instant queries'),
  sort_by_label: {
    args: ['vector', 'string'],
    optional: 'many',
    returns: 'vector',
    help: 'In the order of labels; for instant queries',
  },
  sort_by_label_desc: {
    args: ['vector', 'string'],
    optional: 'many',
    returns: 'vector',
    help: 'In the reverse order of labels; for instant queries',
  },
  sort_desc: perValue('Greatest first; for instant queries'),
  sqrt: perValue('Square root'),
  stddev_over_time: overTime('Standard deviation of the samples in the range'),
  stdvar_over_time: overTime('Variance of the samples in the range'),
  sum_over_time: overTime('The sum of the samples in the range'),
  tan: perValue('Tangent'),
  tanh: perValue('Hyperbolic tangent'),
  time: { args: [], returns: 'scalar', help: 'Seconds since 1970 UTC of the step' },
  timestamp: perValue('Seconds since 1970 UTC of each sample'),
  ts_of_first_over_time: overTime('When the oldest sample in the range was taken'),
  ts_of_last_over_time: overTime('When the newest sample in the range was taken'),
  ts_of_max_over_time: overTime('When the greatest sample in the range was taken'),
  ts_of_min_over_time: overTime('When the least sample in the range was taken'),
  vector: { args: ['scalar'], returns: 'vector', help: 'A scalar as a vector without labels' },
  year: ofTime('Year'),
};

export const PROMQL_AGGREGATIONS = [
  'avg',
  'bottomk',
  'count',
  'count_values',
  'group',
  'max',
  'min',
  'quantile',
  'stddev',
  'stdvar',
  'sum',
  'topk',
] as const;
export type PromqlAggregation = (typeof PROMQL_AGGREGATIONS)[number];

/** What PromQL knows and Signalbox does not, each with what to write in its place. */
export const PROMQL_INSTEAD: Readonly<Record<string, string>> = {
  histogram_avg:
    'histograms are kept as classic series here: divide rate(…_sum[5m]) by rate(…_count[5m])',
  histogram_count: 'histograms are kept as classic series here: use the series …_count',
  histogram_fraction:
    'histograms are kept as classic series here: divide rate(…_bucket{le="…"}[5m]) by rate(…_count[5m])',
  histogram_quantiles: 'ask for each quantile with histogram_quantile(q, …)',
  histogram_stddev: 'histograms are kept as classic series here: use histogram_quantile',
  histogram_stdvar: 'histograms are kept as classic series here: use histogram_quantile',
  histogram_sum: 'histograms are kept as classic series here: use the series …_sum',
  info: 'join the labels yourself: … * on (job, instance) group_left (…) target_info',
  limitk: 'use topk(k, …)',
  limit_ratio: 'use topk(k, …)',
  start_timestamp: 'use ts_of_first_over_time(…[range])',
  start: 'use @ start() behind a selector',
  end: 'use @ end() behind a selector',
  range: 'write the range as a number',
  step: 'write the step as a number',
  holt_winters: 'use double_exponential_smoothing, its present name',
  anchored: 'leave it out: rate and increase extrapolate as Prometheus does by default',
  smoothed: 'leave it out: rate and increase extrapolate as Prometheus does by default',
  fill: 'use `or` with vector(0)',
  fill_left: 'use `or` with vector(0)',
  fill_right: 'use `or` with vector(0)',
};
