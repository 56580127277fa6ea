import { useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { formatCompact } from '../format.ts';
import { FRAMEWORK_NAMES } from '../framework-names.ts';
import { valuesOf } from '../search-values.ts';
import type { OneOrMany } from '../search-values.ts';
import { Foreign } from './Foreign.tsx';
import './FacetPanel.css';

export interface Facet {
  readonly id: string;
  readonly label: string;
  readonly values: readonly { readonly value: string; readonly count: number }[];
  /** What the list is filtered by. */
  readonly chosen: readonly string[];
  /** How values are called. */
  readonly words?: Readonly<Record<string, string>>;
  /** Classes of marks before values. */
  readonly tones?: Readonly<Record<string, string>>;
}

/** The facets of a list from how often each value is there: its status first, then what `groups` names. */
export function facetsOf<Name extends string, Field extends string>(
  groups: readonly (readonly [name: Name, field: Field, label: string])[],
  counts: Readonly<Record<Name | 'statuses', Facet['values']>>,
  search: Readonly<Partial<Record<Field | 'status', OneOrMany | undefined>>>,
  statusWords: Readonly<Record<string, string>>,
): readonly Facet[] {
  const status: Facet = {
    id: 'status',
    label: 'Status',
    values: counts.statuses,
    chosen: valuesOf(search.status),
    words: statusWords,
  };
  return [
    status,
    ...groups.map(([name, field, label]): Facet => ({
      id: field,
      label,
      values: counts[name],
      chosen: valuesOf(search[field]),
      ...(field === 'framework' ? { words: FRAMEWORK_NAMES } : {}),
    })),
  ];
}

const SHOWN_MAX = 6;
/** Narrower windows have no room for it beside the list. */
const WIDE = '(min-width: 1150px)';

/** Whether the panel is open: as the address says, else where there is room for it. */
export function useFacetsOpen(state: 'open' | 'closed' | undefined): boolean {
  const isWide = useSyncExternalStore(
    (tell) => {
      const media = window.matchMedia(WIDE);
      media.addEventListener('change', tell);
      return () => media.removeEventListener('change', tell);
    },
    () => window.matchMedia(WIDE).matches,
  );
  return state === undefined ? isWide : state === 'open';
}

/** A list with what it consists of beside it. */
export function Faceted(props: {
  readonly open: boolean;
  readonly facets: readonly Facet[] | undefined;
  readonly onToggle: (facet: string, value: string) => void;
  readonly children: ReactNode;
}) {
  return (
    <div className="faceted" data-open={props.open}>
      {props.open && <FacetPanel {...props} />}
      <div className="faceted-list">{props.children}</div>
    </div>
  );
}

/** What a list consists of, for those who place it themselves. */
export function FacetPanel(props: {
  readonly facets: readonly Facet[] | undefined;
  readonly onToggle: (facet: string, value: string) => void;
}) {
  const { facets, onToggle } = props;
  return (
    <section className="panel facet-panel" aria-label="Facets" aria-busy={facets === undefined}>
      {facets?.every(isEmpty) === true && (
        <p className="facet-none faint">Nothing to count in this time.</p>
      )}
      {facets === undefined
        ? [0, 1, 2].map((at) => <Bones key={at} />)
        : facets.map((facet) => (
            <FacetGroup
              key={facet.id}
              facet={facet}
              onToggle={(value) => onToggle(facet.id, value)}
            />
          ))}
    </section>
  );
}

const isEmpty = ({ values, chosen }: Facet): boolean => values.length + chosen.length === 0;

export function FacetsButton(props: {
  readonly open: boolean;
  readonly onChange: (open: boolean) => void;
}) {
  return (
    <button
      type="button"
      className="button small plain"
      aria-expanded={props.open}
      onClick={() => props.onChange(!props.open)}
    >
      {props.open ? 'Hide facets' : 'Show facets'}
    </button>
  );
}

function FacetGroup(props: { readonly facet: Facet; readonly onToggle: (value: string) => void }) {
  const { label, values, chosen, words, tones } = props.facet;
  const [all, setAll] = useState(false);
  const counts = new Map(values.map(({ value, count }) => [value, count]));
  // What is chosen stays in sight, also where nothing has it.
  const rows = [...new Set([...chosen, ...counts.keys()])];
  if (rows.length === 0) return null;
  const shown = all ? rows : rows.slice(0, Math.max(SHOWN_MAX, chosen.length));
  return (
    <div role="group" aria-label={label} className="facet">
      <h3>{label}</h3>
      <ul>
        {shown.map((value) => (
          <li key={value}>
            <button
              type="button"
              aria-pressed={chosen.includes(value)}
              onClick={() => props.onToggle(value)}
            >
              {tones !== undefined && (
                <i className={`tone-mark ${tones[value] ?? ''}`} aria-hidden="true" />
              )}
              <span className="cut">
                <Foreign text={wordFor(value, words)} charactersMax={60} />
              </span>
              <span className="num faint">{formatCompact(counts.get(value))}</span>
            </button>
          </li>
        ))}
      </ul>
      {rows.length > shown.length && (
        <button type="button" className="facet-more" onClick={() => setAll(true)}>
          {rows.length - shown.length} more
        </button>
      )}
      {all && rows.length > SHOWN_MAX && (
        <button type="button" className="facet-more" onClick={() => setAll(false)}>
          Fewer
        </button>
      )}
    </div>
  );
}

function wordFor(value: string, words: Facet['words']): string {
  return words !== undefined && Object.hasOwn(words, value) ? words[value]! : value;
}

function Bones() {
  return (
    <div className="facet" aria-hidden="true">
      <span className="bone w2" />
      <span className="bone w0" />
      <span className="bone w1" />
    </div>
  );
}
