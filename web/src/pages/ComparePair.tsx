import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { spanQuery } from '../client/traces.ts';
import { Foreign, ForeignBlock } from '../parts/Foreign.tsx';
import { textOf } from '../span-tree.ts';
import { formatAnyValue } from '../span.ts';
import type { Span } from '../span.ts';
import type { AlignedRow } from '../trace/align-traces.ts';
import { messagesOf } from '../trace/messages.ts';
import { diffLines } from '../trace/text-diff.ts';
import type { ComparedTrace } from './CompareTotals.tsx';

const TEXT_CHARACTERS_MAX = 100_000;

/** One step of both traces: which attributes differ, and how the messages do, line by line. */
export function ComparePair(props: {
  readonly a: ComparedTrace;
  readonly b: ComparedTrace;
  readonly row: AlignedRow;
  readonly onClose: () => void;
}) {
  const { a, b, row, onClose } = props;
  const one = useSpan(a, row.a);
  const two = useSpan(b, row.b);
  const side = row.a >= 0 ? a : b;
  const name = textOf(side.tree, 'name', row.a >= 0 ? row.a : row.b);
  const isReady = !one.isFetching && !two.isFetching;
  return (
    <section className="panel span-panel" aria-label="Step">
      <header>
        <h2 className="cut">
          <Foreign text={name} charactersMax={160} />
        </h2>
        <div className="toolbar">
          <SpanLink name="A" side={a} index={row.a} />
          <SpanLink name="B" side={b} index={row.b} />
          <button type="button" className="button small plain" onClick={onClose}>
            Close
          </button>
        </div>
      </header>
      <div
        className="scroll"
        tabIndex={0}
        aria-label="Differences of the step"
        aria-busy={!isReady}
      >
        {isReady && <Differences a={one.data} b={two.data} />}
      </div>
    </section>
  );
}

function useSpan({ trace, tree }: ComparedTrace, index: number) {
  return useQuery({
    ...spanQuery(trace.traceId, index < 0 ? '' : tree.spanIds[index]!),
    enabled: index >= 0,
  });
}

function SpanLink(props: {
  readonly name: string;
  readonly side: ComparedTrace;
  readonly index: number;
}) {
  const { name, side, index } = props;
  if (index < 0) return <span className="faint">not in {name}</span>;
  return (
    <Link
      to="/traces/$traceId"
      params={{ traceId: side.trace.traceId }}
      search={{ span: side.tree.spanIds[index]! }}
      className="button small"
    >
      Open in {name}
    </Link>
  );
}

function Differences({ a, b }: { readonly a: Span | undefined; readonly b: Span | undefined }) {
  const [textA, textB] = [messageText(a), messageText(b)];
  const attributes = compareAttributes(a, b);
  const differing = attributes.filter((each) => each.a !== each.b);
  return (
    <>
      {textA + textB !== '' && (
        <div className="span-part">
          <h3>Messages</h3>
          <TextDiff a={textA} b={textB} />
        </div>
      )}
      <div className="span-part">
        <h3>
          Attributes
          <span className="faint">
            {differing.length} of {attributes.length} differ
          </span>
        </h3>
        {differing.map(({ key, a: valueA, b: valueB }) => (
          <div key={key} className="attribute">
            <div className="mono faint">
              <Foreign text={key} charactersMax={300} />
            </div>
            <Value side="A" value={valueA} />
            <Value side="B" value={valueB} />
          </div>
        ))}
      </div>
    </>
  );
}

function Value({ side, value }: { readonly side: string; readonly value: string | undefined }) {
  return (
    <div className="compare-value">
      <b className="compare-side">{side}</b>
      {value === undefined ? <span className="faint">—</span> : <ForeignBlock text={value} />}
    </div>
  );
}

interface ComparedAttribute {
  readonly key: string;
  readonly a: string | undefined;
  readonly b: string | undefined;
}

/** With what the span ended first; messages are compared by themselves, the attributes that hold them too. */
function compareAttributes(a: Span | undefined, b: Span | undefined): readonly ComparedAttribute[] {
  const [ofA, ofB] = [valuesOf(a), valuesOf(b)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])].map((key) => ({
    key,
    a: ofA.get(key),
    b: ofB.get(key),
  }));
}

function valuesOf(span: Span | undefined): ReadonlyMap<string, string> {
  if (span === undefined) return new Map();
  const message = span.status?.message ?? '';
  return new Map([
    ['name', span.name],
    ...(message === '' ? [] : [['status message', message] as const]),
    ...(span.attributes ?? []).map(({ key, value }) => [key, formatAnyValue(value)] as const),
  ]);
}

function messageText(span: Span | undefined): string {
  if (span === undefined) return '';
  const { input, output } = messagesOf(span);
  return [...input, ...output]
    .flatMap(({ role, parts }) =>
      parts.map(({ kind, name, text }) =>
        [
          `${role}${kind === 'text' ? '' : `, ${kind}`}${name === undefined ? '' : ` ${name}`}:`,
          text,
        ].join('\n'),
      ),
    )
    .join('\n')
    .slice(0, TEXT_CHARACTERS_MAX);
}

const SIGNS = { same: ' ', a: '−', b: '+' } as const;
const LINES_SHOWN_MAX = 600;

function TextDiff({ a, b }: { readonly a: string; readonly b: string }) {
  if (a === b) return <p className="faint">The messages are the same.</p>;
  const { lines, cut } = diffLines(a, b);
  return (
    <div className="text-diff mono">
      {lines.slice(0, LINES_SHOWN_MAX).map(({ kind, text }, at) => (
        <div key={at} data-kind={kind}>
          <span aria-hidden="true">{SIGNS[kind]}</span>
          {kind !== 'same' && (
            <span className="visually-hidden">{kind === 'a' ? 'only in A: ' : 'only in B: '}</span>
          )}
          <Foreign text={text} charactersMax={2_000} />
        </div>
      ))}
      {(cut || lines.length > LINES_SHOWN_MAX) && (
        <p className="faint">The rest is left out; open the spans to read all.</p>
      )}
    </div>
  );
}
