import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { LogDetail, LogRecord } from '../client/logs.ts';
import { logQuery } from '../client/logs.ts';
import { formatShortId, formatUtc, parseTimeMs } from '../format.ts';
import { CopyButton } from '../parts/CopyButton.tsx';
import { Foreign, ForeignBlock } from '../parts/Foreign.tsx';
import { formatAnyValue } from '../span.ts';
import { AttributeList } from './AttributeList.tsx';

/** All that a record says: body, attributes, where it belongs, what it came in. */
export function LogRecordDetail({
  record,
  inTrace = false,
}: {
  readonly record: LogRecord;
  /** It is shown where its trace is. */
  readonly inTrace?: boolean;
}) {
  const whole = useQuery(logQuery(record.id)).data;
  const shown = whole ?? record;
  const hasBody = Object.keys(shown.body).length > 0;
  return (
    <div className="log-detail">
      <div className="toolbar">
        <Link
          to="/logs"
          search={{
            around: record.id,
            open: record.id,
            ...(record.service === null ? {} : { service: record.service }),
          }}
          className="button small"
        >
          Around this
        </Link>
        {record.traceId !== '' && !inTrace && (
          <Link
            to="/traces/$traceId"
            params={{ traceId: record.traceId }}
            search={record.spanId === '' ? { view: 'logs' } : { span: record.spanId, tab: 'logs' }}
            className="button small"
          >
            Open {record.spanId === '' ? 'trace' : 'span'}
          </Link>
        )}
        <CopyButton
          text={() => JSON.stringify(shown, null, 2)}
          label="Copy as JSON"
          className="small"
        />
        {record.truncated && whole === undefined && (
          <span className="faint">Reading the whole…</span>
        )}
      </div>
      {hasBody && (
        <div className="log-body">
          <ForeignBlock text={formatAnyValue(shown.body)} />
        </div>
      )}
      {shown.attributes.length > 0 && <AttributeList attributes={shown.attributes} />}
      <Facts record={shown} />
      {whole !== undefined && <Origin record={whole} />}
    </div>
  );
}

function Facts({ record }: { readonly record: LogRecord }) {
  const observed = record.observedTimeUnixNano;
  const severity = [
    record.severityText,
    record.severityNumber === 0 ? '' : String(record.severityNumber),
  ].filter((each) => each !== '');
  const facts: readonly (readonly [string, string])[] = [
    ['Time', formatUtc(parseTimeMs(record.timeUnixNano))],
    [
      'Observed',
      observed === '0' || observed === record.timeUnixNano ? '' : formatUtc(parseTimeMs(observed)),
    ],
    ['Severity', severity.join(' · ')],
    ['Event', record.eventName],
    ['Service', record.service ?? ''],
    ['Agent', record.agent === record.service ? '' : (record.agent ?? '')],
    ['Trace', record.traceId === '' ? '' : formatShortId(record.traceId)],
    ['Span', record.spanId],
    [
      'Dropped',
      record.droppedAttributesCount === 0
        ? ''
        : `${record.droppedAttributesCount} attributes, by the sender`,
    ],
  ];
  return (
    <dl className="facts">
      {facts.map(([label, value]) =>
        value === '' ? null : (
          <div key={label} className="log-fact">
            <dt>{label}</dt>
            <dd className="mono">
              <Foreign text={value} />
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Origin({ record }: { readonly record: LogDetail }) {
  const [open, setOpen] = useState(false);
  const { resource, scope } = record;
  return (
    <div className="log-origin">
      <button
        type="button"
        className="button small plain"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {open ? 'Hide resource and scope' : 'Show resource and scope'}
      </button>
      {open && (
        <>
          <p className="mono quiet">
            <Foreign text={`${scope.name} ${scope.version}`.trim() || 'a scope without a name'} />
          </p>
          <AttributeList attributes={[...resource.attributes, ...scope.attributes]} />
        </>
      )}
    </div>
  );
}
