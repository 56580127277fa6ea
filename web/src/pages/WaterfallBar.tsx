import { useMemo } from 'react';
import { formatCount, formatPlural } from '../format.ts';
import { SearchBox } from '../parts/SearchBox.tsx';
import { useTraceEvents } from '../parts/use-trace-events.ts';
import { useTraceLogs } from '../parts/use-trace-logs.ts';
import type { SpanTree } from '../span-tree.ts';
import { agentsIn } from '../trace/span-filter.ts';
import { SPAN_FILTERS } from '../trace/span-filters.ts';
import type { SpanFilter } from '../trace/span-filters.ts';
import { columnsOf, FIGURE_COLUMNS, formatColumns } from './trace-search.ts';
import type { TraceSearch } from './trace-search.ts';
import type { ShownSpans } from './use-span-filter.ts';
import { FIGURES } from './waterfall-columns.tsx';

const FILTER_NAMES: Readonly<Record<SpanFilter, string>> = {
  errors: 'Failed',
  agents: 'Agents',
  models: 'Models',
  tools: 'Tools',
  slowest: 'Slowest',
};
const FILTER_HUES: Partial<Record<SpanFilter, string>> = {
  agents: 'agent',
  models: 'model',
  tools: 'tool',
};
const LEVELS_MAX = 6;
const AGENTS_MAX = 200;

interface BarProps {
  readonly traceId: string;
  readonly tree: SpanTree;
  readonly search: TraceSearch;
  readonly onSearch: (next: Partial<TraceSearch>) => void;
  readonly filter: ShownSpans;
  /** Index of the span under the cursor, -1 for none. */
  readonly cursor: number;
  /** Levels that are open; Infinity for all. */
  readonly level: number;
  readonly deepest: number;
  readonly onLevel: (level: number) => void;
  /** Does what a key does. */
  readonly onStep: (key: string) => void;
}

/** Search, filters, levels and columns of a waterfall. */
export function WaterfallBar(props: BarProps) {
  const { search, onSearch } = props;
  return (
    <header className="waterfall-bar">
      <SearchBox
        value={search.find ?? ''}
        label="Find in the spans"
        placeholder="Find in names, attributes, messages"
        onChange={(find) => onSearch({ find: find === '' ? undefined : find })}
      />
      <Matches {...props} />
      <div className="segments" role="group" aria-label="Show only">
        {SPAN_FILTERS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={search.only === each}
            disabled={each === 'errors' && props.tree.errorCount === 0 && search.only !== each}
            onClick={() => onSearch({ only: search.only === each ? undefined : each })}
          >
            {FILTER_HUES[each] !== undefined && <i className={`hue ${FILTER_HUES[each]}`} />}
            {FILTER_NAMES[each]}
            {each === 'errors' && props.tree.errorCount > 0 && (
              <span className="count">{formatCount(props.tree.errorCount)}</span>
            )}
          </button>
        ))}
      </div>
      <AgentChoice {...props} />
      <LevelChoice {...props} />
      <MarkSwitches {...props} />
      <ColumnChoice {...props} />
    </header>
  );
}

function Matches({ tree, search, filter, cursor, onStep }: BarProps) {
  const { matches, matchCount, searching } = filter;
  const place = useMemo(() => placeOf(tree, matches, cursor), [tree, matches, cursor]);
  if (search.find === undefined) return <span role="status" />;
  return (
    <span className="matches">
      <span className="faint num" role="status">
        {place > 0 ? `${formatCount(place)} of ` : ''}
        {formatCount(matchCount)} found{searching && ' so far…'}
      </span>
      <button
        type="button"
        className="button small plain"
        aria-label="Previous match"
        title="Previous match (N)"
        disabled={matchCount === 0}
        onClick={() => onStep('N')}
      >
        ↑
      </button>
      <button
        type="button"
        className="button small plain"
        aria-label="Next match"
        title="Next match (n)"
        disabled={matchCount === 0}
        onClick={() => onStep('n')}
      >
        ↓
      </button>
    </span>
  );
}

/** Which of the matches the cursor is on, in the order of the rows; 0 when on none. */
function placeOf(tree: SpanTree, matches: Uint8Array | undefined, cursor: number): number {
  if (cursor < 0 || matches?.[cursor] !== 1) return 0;
  let place = 0;
  for (const index of tree.order) {
    if (matches[index] === 1) place++;
    if (index === cursor) break;
  }
  return place;
}

function AgentChoice({ tree, search, onSearch }: BarProps) {
  const agents = useMemo(() => agentsIn(tree), [tree]);
  if (agents.length < 2 && search.agent === undefined) return null;
  return (
    <select
      className="input small"
      aria-label="Agent"
      value={search.agent ?? ''}
      onChange={({ target }) => onSearch({ agent: target.value === '' ? undefined : target.value })}
    >
      <option value="">All agents</option>
      {search.agent !== undefined && !agents.includes(search.agent) && (
        <option value={search.agent}>{search.agent}</option>
      )}
      {agents.slice(0, AGENTS_MAX).map((agent) => (
        <option key={agent} value={agent}>
          {agent}
        </option>
      ))}
    </select>
  );
}

function LevelChoice({ level, deepest, onLevel }: BarProps) {
  if (deepest === 0) return null;
  const levels = Array.from({ length: Math.min(deepest, LEVELS_MAX) }, (_, at) => at);
  return (
    <select
      className="input small"
      aria-label="Levels"
      title="How many levels are open ([ and ])"
      value={level === Infinity ? 'all' : String(level)}
      onChange={({ target }) => onLevel(target.value === 'all' ? Infinity : Number(target.value))}
    >
      <option value="all">All levels</option>
      {levels.map((each) => (
        <option key={each} value={each}>
          {each === 0 ? 'Roots' : `${each + 1} levels`}
        </option>
      ))}
      {level !== Infinity && level >= LEVELS_MAX && (
        <option value={level}>{level + 1} levels</option>
      )}
    </select>
  );
}

/** What stands as marks on the bars; a kind that the trace has none of is not offered. */
function MarkSwitches({ tree, traceId, search, onSearch }: BarProps) {
  const logs = useTraceLogs(traceId, tree).placed?.all.length ?? 0;
  const bySpan = useTraceEvents(traceId, tree);
  const events = useMemo(
    () => [...(bySpan?.values() ?? [])].reduce((sum, each) => sum + each.length, 0),
    [bySpan],
  );
  if (logs + events === 0) return null;
  const kinds = [
    { key: 'events', name: 'Events', count: events, title: formatPlural(events, 'span event') },
    { key: 'logs', name: 'Logs', count: logs, title: formatPlural(logs, 'log record') },
  ] as const;
  return (
    <div className="segments" role="group" aria-label="Marks on the bars">
      {kinds
        .filter(({ count }) => count > 0)
        .map(({ key, name, title }) => (
          <button
            key={key}
            type="button"
            aria-pressed={search[key] !== 'off'}
            title={`${title} as marks at their time`}
            onClick={() => onSearch({ [key]: search[key] === 'off' ? undefined : 'off' })}
          >
            {name}
          </button>
        ))}
    </div>
  );
}

function ColumnChoice({ search, onSearch }: BarProps) {
  const shown = columnsOf(search);
  return (
    <details className="column-choice">
      <summary className="button small">Columns</summary>
      <fieldset>
        <legend className="visually-hidden">Columns</legend>
        {FIGURE_COLUMNS.map((column) => (
          <label key={column}>
            <input
              type="checkbox"
              checked={shown.includes(column)}
              onChange={({ target }) => {
                const next = FIGURE_COLUMNS.filter((each) =>
                  each === column ? target.checked : shown.includes(each),
                );
                onSearch({ cols: formatColumns(next) });
              }}
            />{' '}
            {FIGURES[column].means}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
