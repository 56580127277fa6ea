import { SEVERITY_LEVELS } from '../../../src/model/severity.ts';
import type { SeverityLevel } from '../../../src/model/severity.ts';
import { compact, isSet, oneOf, parseRange, severalOf, textOf } from '../search-values.ts';
import type { RangeSearch, RawSearch } from '../search-values.ts';

export interface LogsSearch extends RangeSearch {
  readonly q?: string | undefined;
  readonly level?: readonly SeverityLevel[] | undefined;
  readonly service?: string | undefined;
  readonly agent?: string | undefined;
  readonly event?: string | undefined;
  readonly trace?: string | undefined;
  readonly span?: string | undefined;
  /** As typed: `key=value`, `key!=value`, `key~part`. */
  readonly attr?: readonly string[] | undefined;
  /** The id of a record: it and its neighbours in time are shown, whatever the range. */
  readonly around?: string | undefined;
  /** The id of the record that is open. */
  readonly open?: string | undefined;
  readonly live?: boolean | undefined;
  readonly wrap?: boolean | undefined;
  /** Where it is not said there are facets when there is room for them. */
  readonly facets?: 'open' | 'closed' | undefined;
}

const ID = /^[\d-]{1,64}$/;

export function parseLogsSearch(raw: RawSearch): LogsSearch {
  const matching = (value: unknown, pattern: RegExp): string | undefined => {
    const text = textOf(value);
    return text !== undefined && pattern.test(text) ? text.toLowerCase() : undefined;
  };
  return compact({
    q: textOf(raw['q']),
    ...parseRange(raw),
    level: severalOf(raw['level'], (text) => oneOf(text, SEVERITY_LEVELS)),
    service: textOf(raw['service']),
    agent: textOf(raw['agent']),
    event: textOf(raw['event']),
    trace: matching(raw['trace'], /^[0-9a-f]{32}$/i),
    span: matching(raw['span'], /^[0-9a-f]{16}$/i),
    attr: severalOf(raw['attr'], (text) => (isLogAttributeFilter(text) ? text : undefined)),
    around: matching(raw['around'], ID),
    open: matching(raw['open'], ID),
    live: isSet(raw['live']),
    wrap: isSet(raw['wrap']),
    facets: oneOf(raw['facets'], ['open', 'closed'] as const),
  });
}

/** `key=value`, `key!=value` or `key~part`, with a key before the sign. */
export function isLogAttributeFilter(text: string): boolean {
  return /^[^=~!]+(?:!=|=|~)/.test(text);
}
