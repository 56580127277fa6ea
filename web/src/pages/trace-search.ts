import { compact, oneOf, textOf } from '../search-values.ts';
import type { RawSearch } from '../search-values.ts';
import { SPAN_FILTERS } from '../trace/span-filters.ts';
import type { SpanFilter } from '../trace/span-filters.ts';

/** What the address of a trace's page says. */

export const SPAN_TABS = ['summary', 'attributes', 'events', 'logs', 'resource', 'raw'] as const;
export type SpanTab = (typeof SPAN_TABS)[number];

export const TRACE_VIEWS = ['waterfall', 'graph', 'conversation', 'logs', 'path'] as const;
export type TraceView = (typeof TRACE_VIEWS)[number];

/** Figures beside the bars, in their order. */
export const FIGURE_COLUMNS = [
  'duration',
  'self',
  'tokens',
  'own-tokens',
  'cost',
  'own-cost',
] as const;
export type FigureColumn = (typeof FIGURE_COLUMNS)[number];
const FIRST_COLUMNS: readonly FigureColumn[] = ['duration', 'tokens', 'cost'];

export interface TraceSearch {
  readonly view?: TraceView | undefined;
  readonly span?: string | undefined;
  readonly tab?: SpanTab | undefined;
  /** Columns joined by commas; left out, the usual ones. */
  readonly cols?: string | undefined;
  /** Text that is looked for in the spans. */
  readonly find?: string | undefined;
  readonly only?: SpanFilter | undefined;
  readonly agent?: string | undefined;
  /** Without the marks of log records in the waterfall. */
  readonly logs?: 'off' | undefined;
  /** Without the marks of span events in the waterfall. */
  readonly events?: 'off' | undefined;
  /** The id of the log record that is open. */
  readonly log?: string | undefined;
}

export function parseTraceSearch(raw: RawSearch): TraceSearch {
  const span = textOf(raw['span']);
  const columns = textOf(raw['cols']);
  const log = textOf(raw['log']);
  return compact({
    view: oneOf(raw['view'], TRACE_VIEWS),
    span: span !== undefined && /^[0-9a-f]{1,32}$/i.test(span) ? span.toLowerCase() : undefined,
    tab: oneOf(raw['tab'], SPAN_TABS),
    cols: columns === undefined ? undefined : formatColumns(readColumns(columns)),
    find: textOf(raw['find']),
    only: oneOf(raw['only'], SPAN_FILTERS),
    agent: textOf(raw['agent']),
    logs: oneOf(raw['logs'], ['off'] as const),
    events: oneOf(raw['events'], ['off'] as const),
    log: log !== undefined && /^[\d-]{1,64}$/.test(log) ? log : undefined,
  });
}

export function columnsOf({ cols }: TraceSearch): readonly FigureColumn[] {
  return cols === undefined ? FIRST_COLUMNS : readColumns(cols);
}

/** Undefined for the usual ones, `none` for no column. */
export function formatColumns(columns: readonly FigureColumn[]): string | undefined {
  const text = columns.length === 0 ? 'none' : columns.join(',');
  return text === FIRST_COLUMNS.join(',') ? undefined : text;
}

function readColumns(text: string): readonly FigureColumn[] {
  const named = new Set(text.split(','));
  return FIGURE_COLUMNS.filter((column) => named.has(column));
}
