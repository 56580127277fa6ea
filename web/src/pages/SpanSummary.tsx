import type { ReactNode } from 'react';
import { formatDuration, parseTimeMs } from '../format.ts';
import { Foreign, ForeignBlock } from '../parts/Foreign.tsx';
import { Time } from '../parts/Time.tsx';
import { isFailed, readNano, spanKindName } from '../span.ts';
import type { GenAiView, Span } from '../span.ts';
import type { SpanTree } from '../span-tree.ts';
import type { TraceUsage } from '../trace/roll-up.ts';
import { AttributeList } from './AttributeList.tsx';
import { SpanUsage } from './SpanUsage.tsx';

/** What one wants to know of a span first: how it ended, when, how long, its GenAI view, what it cost. */
export function SpanSummary(props: {
  readonly tree: SpanTree;
  readonly usage: TraceUsage | undefined;
  readonly index: number;
  readonly span: Span;
}) {
  const { tree, usage, index, span } = props;
  return (
    <>
      <Outcome span={span} />
      <dl className="facts">
        <Line label="Start">
          <Time ms={parseTimeMs(span.startTimeUnixNano)} />{' '}
          <span className="faint">+{formatDuration(tree.startNs[index])}</span>
        </Line>
        <Line label="Duration">{durationText(span)}</Line>
        <Line label="Kind">{spanKindName(span.kind)}</Line>
        <GenAiLines view={span.genai ?? {}} />
        <Line label="Span">
          <span className="mono">{span.spanId}</span>
        </Line>
        {span.parentSpanId !== undefined && span.parentSpanId !== '' && (
          <Line label="Parent">
            <span className="mono">{span.parentSpanId}</span>
            {tree.notes.get(index) === 'parent missing' && (
              <span className="quiet"> is not in this trace</span>
            )}
          </Line>
        )}
      </dl>
      {usage !== undefined && <SpanUsage usage={usage} index={index} view={span.genai ?? {}} />}
    </>
  );
}

function durationText(span: Span): string {
  const start = readNano(span.startTimeUnixNano);
  const end = readNano(span.endTimeUnixNano);
  if (end === 0n) return 'has not ended';
  return end < start ? 'ends before it starts' : formatDuration(Number(end - start));
}

function Outcome({ span }: { readonly span: Span }) {
  const exception = span.events?.find((event) => event.name === 'exception');
  if (!isFailed(span) && exception === undefined) return null;
  const message = span.status?.message ?? '';
  return (
    <div className="span-part">
      <h3 className="stop-text">{isFailed(span) ? 'It failed' : 'It recorded an exception'}</h3>
      {message !== '' && <ForeignBlock text={message} mono={false} />}
      {message === '' && exception === undefined && (
        <span className="faint">No message was sent.</span>
      )}
      {exception !== undefined && <AttributeList attributes={exception.attributes ?? []} />}
    </div>
  );
}

const TEXT_LINES: readonly (readonly [string, keyof GenAiView])[] = [
  ['Agent', 'agent'],
  ['Operation', 'operation'],
  ['Model asked', 'request_model'],
  ['Model answered', 'response_model'],
  ['Provider', 'provider'],
  ['Tool', 'tool_name'],
  ['Conversation', 'conversation'],
];

function GenAiLines({ view }: { readonly view: GenAiView }) {
  return (
    <>
      {TEXT_LINES.map(([label, key]) => {
        const value = view[key];
        return typeof value === 'string' && value !== '' ? (
          <Line key={key} label={label}>
            <span className="mono">
              <Foreign text={value} charactersMax={300} />
            </span>
          </Line>
        ) : null;
      })}
    </>
  );
}

function Line({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}
