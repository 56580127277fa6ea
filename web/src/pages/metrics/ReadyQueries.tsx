import type { Metric } from '../../client/metrics.ts';
import { READY_QUERIES } from '../../promql/queries.ts';

/** Questions that the metrics on hand can answer. */
export function ReadyQueries(props: {
  readonly metrics: readonly Metric[];
  readonly onOpen: (query: string) => void;
}) {
  const names = new Set(props.metrics.map(({ name }) => name));
  const groups = READY_QUERIES.map(({ title, queries }) => ({
    title,
    queries: queries.filter(({ needs }) => names.has(needs)),
  })).filter(({ queries }) => queries.length > 0);
  if (groups.length === 0) return null;
  return (
    <section className="panel ready" aria-label="Ready-made questions">
      {groups.map(({ title, queries }) => (
        <div key={title}>
          <h2>{title}</h2>
          <ul>
            {queries.map((ready) => (
              <li key={ready.title}>
                <button type="button" className="button" onClick={() => props.onOpen(ready.query)}>
                  {ready.title}
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
