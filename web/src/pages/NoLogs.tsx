import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { otelStatusQuery } from '../client/connect.ts';
import { CodeBlock } from '../parts/CodeBlock.tsx';
import { EmptyState } from '../parts/States.tsx';
import { logLines } from '../snippets.ts';
import type { LogsSearch } from './logs-search.ts';

/** What is said where no record is: of what was asked for, or of how records get here. */
export function NoLogs({ search }: { readonly search: LogsSearch }) {
  const { range, live, wrap: _wrap, open: _open, ...filters } = search;
  const status = useQuery(otelStatusQuery);
  const endpoint = status.data?.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? window.location.origin;
  if (Object.keys(filters).length > 0) {
    return (
      <EmptyState title="No record matches">
        <p className="quiet">Nothing within this time has all of what the filters ask for.</p>
        <Link to="/logs" search={{ range: 'all', live }} className="button">
          Show all records
        </Link>
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={range === 'all' ? 'No log record has arrived yet' : 'No record in this time'}
    >
      <p className="quiet">
        Agents send log records over OpenTelemetry beside their traces; what is sent is here within
        two seconds.
      </p>
      <CodeBlock code={logLines(endpoint)} label="Lines that send logs" />
      <div className="state-actions">
        {range !== 'all' && (
          <Link to="/logs" search={{ range: 'all', live }} className="button">
            Show all records
          </Link>
        )}
        <Link to="/connect" className="button">
          Make a key
        </Link>
      </div>
    </EmptyState>
  );
}
