import { queryOptions, useQuery } from '@tanstack/react-query';
import { read } from '../client/call.ts';
import type { DataOf } from '../client/call.ts';
import { parseTimeMs } from '../format.ts';
import { EmptyState, ErrorState } from './States.tsx';
import { Foreign } from './Foreign.tsx';
import { Time } from './Time.tsx';
import './ChangeHistory.css';

type Entry = DataOf<'GET /api/v1/governance/audit-trail'>[number];

const ENTRIES = 50;

/** Of one thing, or of all things of a kind. */
export interface HistorySubject {
  readonly target_kind: string;
  readonly target_id?: string;
}

function historyQuery(subject: HistorySubject) {
  return queryOptions({
    queryKey: ['audit-log', subject],
    queryFn: ({ signal }) =>
      read('GET /api/v1/governance/audit-trail', { query: { ...subject, limit: ENTRIES }, signal }),
  });
}

/** Who changed it, when, and from what to what: out of the audit log. */
export function ChangeHistory(props: {
  readonly of: HistorySubject;
  readonly title?: string;
  /** Shown where the thing of an entry is not plain from the place. */
  readonly naming?: boolean;
}) {
  const history = useQuery(historyQuery(props.of));
  return (
    <section className="panel" aria-label={props.title ?? 'History'}>
      <header>
        <h2>{props.title ?? 'History'}</h2>
        <span className="faint">from the audit log</span>
      </header>
      {history.isError && <ErrorState error={history.error} what="The history cannot be read" />}
      {history.data?.length === 0 && <EmptyState title="Nothing was changed yet" />}
      <ol className="change-history">
        {history.data?.map((entry) => (
          <li key={entry.sequence}>
            <span className="change-history-head">
              <span>
                <Foreign text={entry.actor.name} charactersMax={60} />{' '}
                <span className="quiet">{wordsOf(entry.action)}</span>
                {props.naming === true && (
                  <>
                    {' '}
                    <Foreign text={nameOf(entry)} charactersMax={80} className="mono" />
                  </>
                )}
              </span>
              <span className="faint num">
                <Time ms={parseTimeMs(entry.at)} />
              </span>
            </span>
            <Changes changes={changesOf(entry.detail)} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Changes({ changes }: { readonly changes: readonly Change[] }) {
  if (changes.length === 0) return null;
  return (
    <dl className="change-history-fields">
      {changes.map(({ field, from, to }) => (
        <div key={field}>
          <dt className="faint">{field}</dt>
          <dd className="mono">
            {from !== undefined && (
              <>
                <s>
                  <Foreign text={from} charactersMax={160} />
                </s>{' '}
              </>
            )}
            <Foreign text={to} charactersMax={160} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** `quality_rule.created` → "created it"; what it is, the place says. */
function wordsOf(action: string): string {
  const verb = action.slice(action.lastIndexOf('.') + 1).replaceAll('_', ' ');
  return verb === 'set' ? 'set' : verb;
}

function nameOf({ detail, target }: Entry): string {
  for (const of of [detail, detail['to'], detail['from'], detail['rule'], detail['price']]) {
    if (!isRecord(of)) continue;
    const name = of['name'] ?? of['model'];
    if (typeof name === 'string') return name;
  }
  return target.id;
}

export interface Change {
  readonly field: string;
  /** Undefined where there was none before, or it is not told. */
  readonly from: string | undefined;
  readonly to: string;
}

const FIELDS_MAX = 12;

/** What an entry changed: the fields that differ between `from` and `to`, or what was made. */
export function changesOf(detail: Readonly<Record<string, unknown>>): readonly Change[] {
  const { from, to } = detail;
  if (isRecord(from) && isRecord(to)) {
    return Object.keys({ ...from, ...to })
      .filter((field) => textOf(from[field]) !== textOf(to[field]))
      .slice(0, FIELDS_MAX)
      .map((field) => ({ field, from: textOf(from[field]), to: textOf(to[field]) }));
  }
  return [];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value || 'none'
    : value === undefined
      ? 'none'
      : JSON.stringify(value);
