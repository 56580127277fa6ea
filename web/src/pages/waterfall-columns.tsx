import type { ReactNode } from 'react';
import { DASH, formatCompact, formatDollars, formatDuration } from '../format.ts';
import { hueOf } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import { figuresAt } from '../trace/roll-up.ts';
import type { SpanFigures, TraceUsage, UsageColumns } from '../trace/roll-up.ts';
import type { FigureColumn } from './trace-search.ts';

/** What the figures of a row are taken from. */
export interface FigureSource {
  readonly tree: SpanTree;
  /** Undefined until it is known. */
  readonly usage: TraceUsage | undefined;
  /** Computed when a column asks for it. */
  readonly selfNs: Float64Array | undefined;
}

interface Figure {
  readonly head: string;
  /** What the figure is, in full. */
  readonly means: string;
  /** Pixels. */
  readonly width: number;
  readonly cell: (source: FigureSource, index: number) => ReactNode;
}

export const FIGURES: Readonly<Record<FigureColumn, Figure>> = {
  duration: {
    head: 'Duration',
    means: 'Duration',
    width: 84,
    cell: ({ tree }, index) => formatDuration(tree.durationNs[index]),
  },
  self: {
    head: 'Own time',
    means: 'Own time, without what ran below',
    width: 84,
    cell: ({ selfNs }, index) => formatDuration(selfNs?.[index]),
  },
  tokens: {
    head: 'Tokens',
    means: 'Tokens, with all below',
    width: 128,
    cell: ({ tree, usage }, index) => tokensAt(tree, usage?.within, index),
  },
  'own-tokens': {
    head: 'Own tokens',
    means: 'Tokens of the span’s own call',
    width: 128,
    cell: ({ tree, usage }, index) => tokensAt(tree, usage?.own, index),
  },
  cost: {
    head: 'Cost',
    means: 'Cost, with all below',
    width: 84,
    cell: ({ tree, usage }, index) => costAt(tree, usage?.within, index),
  },
  'own-cost': {
    head: 'Own cost',
    means: 'Cost of the span’s own call',
    width: 84,
    cell: ({ tree, usage }, index) => costAt(tree, usage?.own, index),
  },
};

function tokensAt(tree: SpanTree, columns: UsageColumns | undefined, index: number): ReactNode {
  // Before the calls are known a dash stands where there will be a figure.
  if (columns === undefined) return hueOf(tree, index) === 'model' ? DASH : '';
  if (columns.calls[index] === 0) return '';
  return tokensText(figuresAt(columns, index));
}

function costAt(tree: SpanTree, columns: UsageColumns | undefined, index: number): ReactNode {
  if (columns === undefined) return hueOf(tree, index) === 'model' ? DASH : '';
  return columns.calls[index] === 0 ? '' : <CostFigure figures={figuresAt(columns, index)} />;
}

/** `9.4 k → 320`; a dash for what nobody reported. */
export function tokensText({ input, output }: SpanFigures): string {
  if (input === undefined && output === undefined) return DASH;
  return `${formatCompact(input)} → ${formatCompact(output)}`;
}

/** The cost of some calls, and whether that is all of it. */
export function CostFigure({ figures }: { readonly figures: SpanFigures }) {
  const { calls, unpriced, costUsd } = figures;
  if (costUsd === undefined) {
    // Without tokens there is no cost to know.
    return unpriced === 0 ? DASH : <span className="faint">unpriced</span>;
  }
  if (calls === 0 || unpriced === 0) return formatDollars(costUsd);
  return (
    <span title={`${unpriced} of ${calls} calls have no known price and are not in it`}>
      {formatDollars(costUsd)}
      <span className="faint">+?</span>
    </span>
  );
}
