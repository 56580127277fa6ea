import type { ReactNode } from 'react';
import { formatCount, formatPlural } from '../format.ts';
import type { GenAiView } from '../span.ts';
import { figuresAt } from '../trace/roll-up.ts';
import type { SpanFigures, TraceUsage } from '../trace/roll-up.ts';
import { CostFigure } from './waterfall-columns.tsx';

const COUNTS: readonly (readonly [string, (figures: SpanFigures) => number | undefined])[] = [
  ['Input tokens', ({ input }) => input],
  ['from cache', ({ cacheRead }) => cacheRead],
  ['into cache', ({ cacheWrite }) => cacheWrite],
  ['Output tokens', ({ output }) => output],
  ['for reasoning', ({ reasoning }) => reasoning],
];

const MISSING: Readonly<Record<string, string>> = {
  unknown_model: 'No price is known for this model.',
  unknown_tier: 'No price is known for this service tier.',
  no_model: 'The span names no model, so there is no price to ask for.',
  no_tokens: 'No tokens were reported, so there is no cost to know.',
  tokens_invalid: 'The reported counts cannot be, so they add nothing.',
};

/** Tokens and cost of the span's own call and of all below it, and where the price is from. */
export function SpanUsage(props: {
  readonly usage: TraceUsage;
  readonly index: number;
  readonly view: GenAiView;
}) {
  const { usage, index, view } = props;
  const own = figuresAt(usage.own, index);
  const within = figuresAt(usage.within, index);
  const reports = typeof view.input_tokens === 'number' || typeof view.output_tokens === 'number';
  if (within.calls === 0) {
    return reports ? (
      <div className="span-part">
        <h3>Tokens and cost</h3>
        <Repeated view={view} />
      </div>
    ) : null;
  }
  const single = within.calls === own.calls;
  return (
    <div className="span-part span-usage">
      <h3>Tokens and cost</h3>
      <table>
        {!single && (
          <thead>
            <tr>
              <td />
              <th scope="col">Own call</th>
              <th scope="col">With all below</th>
            </tr>
          </thead>
        )}
        <tbody>
          <Row label="Model calls" {...{ own, within, single }} of={({ calls }) => calls} />
          {COUNTS.filter(([, of]) => of(within) !== undefined).map(([label, of]) => (
            <Row key={label} label={label} {...{ own, within, single }} of={of} />
          ))}
          <tr>
            <th scope="row">Cost</th>
            {!single && <td>{own.calls > 0 && <CostFigure figures={own} />}</td>}
            <td>
              <CostFigure figures={within} />
            </td>
          </tr>
        </tbody>
      </table>
      {own.calls === 0 && reports && <Repeated view={view} />}
      <Price usage={usage} index={index} calls={own.calls} />
      {!single && within.unpriced > 0 && (
        <p className="faint">
          {formatPlural(within.unpriced, 'call')} below {within.unpriced === 1 ? 'has' : 'have'} no
          known price and {within.unpriced === 1 ? 'is' : 'are'} not in the cost.
        </p>
      )}
    </div>
  );
}

function Row(props: {
  readonly label: string;
  readonly own: SpanFigures;
  readonly within: SpanFigures;
  readonly single: boolean;
  readonly of: (figures: SpanFigures) => number | undefined;
}): ReactNode {
  const { label, own, within, single, of } = props;
  return (
    <tr>
      <th scope="row">{label}</th>
      {!single && <td>{own.calls > 0 && formatCount(of(own))}</td>}
      <td>{formatCount(of(within))}</td>
    </tr>
  );
}

/** A span around calls repeats their tokens: what it says is shown, and not counted. */
function Repeated({ view }: { readonly view: GenAiView }) {
  return (
    <p className="faint">
      The span reports {formatCount(view.input_tokens)} in and {formatCount(view.output_tokens)}{' '}
      out. They are counted where the call was made, and not again here.
    </p>
  );
}

function Price(props: {
  readonly usage: TraceUsage;
  readonly index: number;
  readonly calls: number;
}) {
  const { usage, index, calls } = props;
  if (calls === 0) return null;
  const missing = usage.words[usage.missing[index]!] ?? '';
  if (missing !== '') return <p className="faint">{MISSING[missing] ?? missing}</p>;
  const source = usage.words[usage.priceSources[index]!] ?? '';
  const version = usage.words[usage.priceVersions[index]!] ?? '';
  return (
    <p className="faint">
      {source === 'reported' ? 'Cost as the span reports it' : 'Price from '}
      {source !== 'reported' && <span className="mono">{version}</span>}
    </p>
  );
}
