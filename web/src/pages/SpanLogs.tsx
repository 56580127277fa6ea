import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { formatCount } from '../format.ts';
import type { Span } from '../span.ts';
import type { PlacedLog } from '../trace/trace-logs.ts';
import { LogLine } from './LogRow.tsx';
import { LogRecordDetail } from './LogRecordDetail.tsx';
import './Logs.css';

const SHOWN_MAX = 200;

/** The log records of one span, earliest first. */
export function SpanLogs({
  logs,
  span,
}: {
  readonly logs: readonly PlacedLog[];
  readonly span: Span;
}) {
  const [open, setOpen] = useState<string>();
  const nowMs = useState(Date.now)[0];
  if (logs.length === 0) {
    return <p className="span-part faint">No log record was sent with this span.</p>;
  }
  return (
    <div className="span-logs">
      {logs.slice(0, SHOWN_MAX).map(({ record }) => (
        <div key={record.id} className="log-item" data-open={record.id === open}>
          <LogLine
            record={record}
            nowMs={nowMs}
            open={record.id === open}
            place={null}
            onToggle={() => setOpen(record.id === open ? undefined : record.id)}
          />
          {record.id === open && <LogRecordDetail record={record} inTrace />}
        </div>
      ))}
      <p className="span-part">
        <Link
          to="/logs"
          search={{ trace: span.traceId, span: span.spanId, range: 'all' }}
          className="link"
        >
          {logs.length > SHOWN_MAX
            ? `All ${formatCount(logs.length)} in the logs`
            : 'Open in the logs'}
        </Link>
      </p>
    </div>
  );
}
