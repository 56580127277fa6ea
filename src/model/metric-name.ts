/**
 * The names that Prometheus gives to OpenTelemetry's metrics and attributes, with units and types as suffixes
 * (https://github.com/open-telemetry/opentelemetry-specification/blob/main/specification/compatibility/prometheus_and_openmetrics.md).
 */

export type MetricTypeName = 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary';

export interface MetricIdentity {
  readonly name: string;
  /** In UCUM, as OpenTelemetry wants it: `s`, `By`, `{token}`. */
  readonly unit: string;
  readonly type: MetricTypeName;
  readonly monotonic: boolean;
}

const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
};

const PER_UNITS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

/** `gen_ai.client.operation.duration` in `s` → `gen_ai_client_operation_duration_seconds`; histograms without suffix. */
export function prometheusName({ name, unit, type, monotonic }: MetricIdentity): string {
  let words = name.split(/[^\p{L}\p{Nd}:]+/u).filter((word) => word !== '');
  words.push(...unitWords(unit, words));
  const isCounter = type === 'sum' && monotonic;
  if (isCounter) words = [...words.filter((word) => word !== 'total'), 'total'];
  const isShare = unit === '1' && (type === 'gauge' || (type === 'sum' && !monotonic));
  if (isShare) words = [...words.filter((word) => word !== 'ratio'), 'ratio'];
  const joined = words.join('_').replace(/[^a-zA-Z0-9_:]/g, '_');
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

function unitWords(unit: string, words: readonly string[]): string[] {
  const [main = '', per = ''] = unit.split(/\/(.*)/s).map((part) => part.trim());
  const mainWord = plainWord(main, UNITS);
  const perWord = plainWord(per, PER_UNITS);
  return [
    ...(mainWord === '' || words.includes(mainWord) ? [] : [mainWord]),
    ...(perWord === '' || words.includes(perWord) ? [] : ['per', perWord]),
  ];
}

/** Braces hold annotations, which are no units. */
function plainWord(unit: string, names: Readonly<Record<string, string>>): string {
  if (/[{}]/.test(unit)) return '';
  return (names[unit] ?? unit).replace(/[^a-zA-Z0-9:]+/g, '_').replace(/^_+|_+$/g, '');
}

/** `gen_ai.request.model` → `gen_ai_request_model`. */
export function prometheusLabel(key: string): string {
  const plain = key.replace(/[^a-zA-Z0-9_]/g, '_');
  if (/^\d/.test(plain)) return `key_${plain}`;
  return plain.startsWith('_') && !plain.startsWith('__') ? `key${plain}` : plain;
}

/** The parts of a metric's points that are series of their own. */
export type MetricPart = 'value' | 'bucket' | 'sum' | 'count';

const SUFFIXES: Readonly<Record<MetricPart, string>> = {
  value: '',
  bucket: '_bucket',
  sum: '_sum',
  count: '_count',
};

export function partsOf(type: MetricTypeName): readonly MetricPart[] {
  switch (type) {
    case 'gauge':
    case 'sum':
      return ['value'];
    case 'histogram':
    case 'exponential_histogram':
      return ['bucket', 'sum', 'count'];
    case 'summary':
      return ['value', 'sum', 'count'];
  }
}

export const seriesName = (base: string, part: MetricPart): string => `${base}${SUFFIXES[part]}`;
