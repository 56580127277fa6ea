import { formatBytes, formatCompact, formatDollars, formatDuration } from '../format.ts';

export type SeriesLabels = Readonly<Record<string, string>>;

/** Labels that say where a series comes from are left out first where others tell it apart as well. */
const LAST_WANTED = ['instance', 'otel_scope_version', 'otel_scope_name', '__name__', 'job'];

/** Names of series by the fewest labels that tell them apart; where nothing does, by all of them, or by the query. */
export function nameSeries(all: readonly SeriesLabels[], query: string): string[] {
  const keys = [...new Set(all.flatMap((labels) => Object.keys(labels)))].sort();
  const telling = fewest(
    keys.filter((key) => all.some((labels) => labels[key] !== all[0]![key])),
    all,
  );
  const told = telling.length > 0 ? telling : keys;
  return all.map((labels) => {
    const values = told.flatMap((key) => labels[key] ?? []);
    if (values.length > 0) return values.join(' · ');
    return telling.length > 0 ? 'without labels' : query;
  });
}

function fewest(keys: readonly string[], all: readonly SeriesLabels[]): readonly string[] {
  const distinct = (names: readonly string[]): number =>
    new Set(all.map((labels) => JSON.stringify(names.map((name) => labels[name] ?? null)))).size;
  const wanted = distinct(keys);
  const others = keys.filter((key) => !LAST_WANTED.includes(key));
  const order = [...LAST_WANTED.filter((key) => keys.includes(key)), ...others];
  return order.reduce<readonly string[]>((kept, key) => {
    const without = kept.filter((each) => each !== key);
    return distinct(without) === wanted ? without : kept;
  }, keys);
}

export interface ValueUnit {
  readonly name: string;
  readonly format: (value: number) => string;
}

const plain = (value: number): string => {
  if (Math.abs(value) >= 10_000) return formatCompact(value);
  return Number.isInteger(value) ? formatCompact(value) : String(Number(value.toPrecision(3)));
};

const seconds = (value: number): string =>
  value < 0 ? `−${formatDuration(-value * 1e9)}` : formatDuration(value * 1e9);

/** What the values of a query are, as far as its text tells. */
export function unitOf(query: string): ValueUnit {
  const isCount = /_(?:count|ratio)\b|\bcount(?:_over_time)?\s*(?:by|\(|without)/.test(query);
  if (isCount || query.includes('/')) return { name: '', format: plain };
  const isRate = /\bi?rate\s*\(/.test(query) && !query.includes('histogram_quantile');
  if (/_USD\b|_USD_/.test(query) && !isRate) return { name: 'USD', format: formatDollars };
  if (query.includes('_seconds') && !isRate) return { name: 'time', format: seconds };
  if (query.includes('_bytes')) {
    return isRate
      ? { name: 'bytes a second', format: (value) => `${formatBytes(value)}/s` }
      : { name: 'bytes', format: formatBytes };
  }
  return { name: isRate && !query.includes('*') ? 'a second' : '', format: plain };
}
