import { collectWords } from '../../../src/model/words.ts';
import type { DataOf } from '../client/call.ts';
import type { SpanTree } from '../span-tree.ts';

export type TraceCall = DataOf<'GET /api/v1/traces/{traceId}/calls'>[number];

const PICODOLLARS = 1e12;

/** Of each span, by column. A count that nobody reported is NaN. */
export interface UsageColumns {
  /** Calls of models that count. */
  readonly calls: Uint32Array;
  /** Calls with tokens and no known price; they are not in `cost`. */
  readonly unpriced: Uint32Array;
  /** Calls that have a price. */
  readonly priced: Uint32Array;
  /** Picodollars: whole numbers, so that sums are exact up to nine thousand dollars. */
  readonly cost: Float64Array;
  readonly input: Float64Array;
  readonly output: Float64Array;
  readonly cacheRead: Float64Array;
  readonly cacheWrite: Float64Array;
  readonly reasoning: Float64Array;
}

/** What spans used: each call of a model counts once, at the span that the server chose for it. */
export interface TraceUsage {
  /** Of the span's own call. */
  readonly own: UsageColumns;
  /** Of the span and all below it. */
  readonly within: UsageColumns;
  /** Of the whole trace, with calls whose span is not among the spans. */
  readonly total: SpanFigures;
  /** Calls that stand at no span of the trace; they are in `total` alone. */
  readonly astray: number;
  readonly words: readonly string[];
  /** Places in `words`: of the price of a span's own call, where the price came from, and why there is none. */
  readonly priceVersions: Uint32Array;
  readonly priceSources: Uint32Array;
  readonly missing: Uint32Array;
}

/** One entry of the columns; undefined is unknown. */
export interface SpanFigures {
  readonly calls: number;
  readonly unpriced: number;
  /** US dollars; undefined when there are calls and none has a price. */
  readonly costUsd: number | undefined;
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly reasoning: number | undefined;
}

const TOKEN_KINDS = ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const;

/** Sums the calls up the tree. A call whose span is missing stands at the root of its run when that is there. */
export function rollUp(tree: SpanTree, calls: readonly TraceCall[]): TraceUsage {
  const { length } = tree;
  // One entry more than spans: there stand the calls that are astray.
  const own = emptyColumns(length + 1);
  const words = collectWords();
  const priceVersions = new Uint32Array(length);
  const priceSources = new Uint32Array(length);
  const missing = new Uint32Array(length);
  const indexById = new Map<string, number>();
  for (let index = length - 1; index >= 0; index--) indexById.set(tree.spanIds[index]!, index);
  for (const call of calls) {
    const index = indexById.get(call.span_id) ?? indexById.get(call.run_id) ?? length;
    addCall(own, index, call);
    if (index === length) continue;
    priceVersions[index] = words.code(call.price_version);
    priceSources[index] = words.code(call.cost_source);
    missing[index] = words.code(call.cost_missing);
  }
  const within = copyColumns(own);
  for (let position = tree.order.length - 1; position >= 0; position--) {
    const index = tree.order[position]!;
    // Roots add to the last entry, which so becomes the total.
    const above = tree.parent[index]! < 0 ? length : tree.parent[index]!;
    addEntry(within, above, index);
  }
  return {
    own,
    within,
    total: figuresAt(within, length),
    astray: own.calls[length]!,
    words: words.all.slice(),
    priceVersions,
    priceSources,
    missing,
  };
}

function emptyColumns(length: number): UsageColumns {
  const unknown = () => new Float64Array(length).fill(Number.NaN);
  return {
    calls: new Uint32Array(length),
    unpriced: new Uint32Array(length),
    priced: new Uint32Array(length),
    cost: new Float64Array(length),
    input: unknown(),
    output: unknown(),
    cacheRead: unknown(),
    cacheWrite: unknown(),
    reasoning: unknown(),
  };
}

function copyColumns(columns: UsageColumns): UsageColumns {
  return {
    calls: columns.calls.slice(),
    unpriced: columns.unpriced.slice(),
    priced: columns.priced.slice(),
    cost: columns.cost.slice(),
    input: columns.input.slice(),
    output: columns.output.slice(),
    cacheRead: columns.cacheRead.slice(),
    cacheWrite: columns.cacheWrite.slice(),
    reasoning: columns.reasoning.slice(),
  };
}

function addCall(own: UsageColumns, index: number, call: TraceCall): void {
  const { tokens } = call;
  own.calls[index]!++;
  if (call.cost_usd !== null) {
    own.priced[index]!++;
    own.cost[index]! += Math.round(call.cost_usd * PICODOLLARS);
  } else if (tokens.input !== null || tokens.output !== null) {
    own.unpriced[index]!++;
  }
  addCount(own.input, index, tokens.input ?? Number.NaN);
  addCount(own.output, index, tokens.output ?? Number.NaN);
  addCount(own.cacheRead, index, tokens.cache_read ?? Number.NaN);
  addCount(own.cacheWrite, index, tokens.cache_write ?? Number.NaN);
  addCount(own.reasoning, index, tokens.reasoning ?? Number.NaN);
}

function addEntry(columns: UsageColumns, to: number, from: number): void {
  columns.calls[to]! += columns.calls[from]!;
  columns.unpriced[to]! += columns.unpriced[from]!;
  columns.priced[to]! += columns.priced[from]!;
  columns.cost[to]! += columns.cost[from]!;
  for (const kind of TOKEN_KINDS) addCount(columns[kind], to, columns[kind][from]!);
}

/** What is unknown adds nothing. */
function addCount(column: Float64Array, index: number, count: number): void {
  if (Number.isNaN(count)) return;
  const before = column[index]!;
  column[index] = Number.isNaN(before) ? count : before + count;
}

/** What several spans used together. */
export function figuresOf(columns: UsageColumns, indexes: readonly number[]): SpanFigures {
  const sum = emptyColumns(1);
  for (const index of indexes) {
    sum.calls[0]! += columns.calls[index]!;
    sum.unpriced[0]! += columns.unpriced[index]!;
    sum.priced[0]! += columns.priced[index]!;
    sum.cost[0]! += columns.cost[index]!;
    for (const kind of TOKEN_KINDS) addCount(sum[kind], 0, columns[kind][index]!);
  }
  return figuresAt(sum, 0);
}

export function figuresAt(columns: UsageColumns, index: number): SpanFigures {
  const known = (column: Float64Array): number | undefined => {
    const count = column[index];
    return count === undefined || Number.isNaN(count) ? undefined : count;
  };
  const calls = columns.calls[index] ?? 0;
  return {
    calls,
    unpriced: columns.unpriced[index] ?? 0,
    costUsd:
      calls > 0 && columns.priced[index] === 0
        ? undefined
        : (columns.cost[index] ?? 0) / PICODOLLARS,
    input: known(columns.input),
    output: known(columns.output),
    cacheRead: known(columns.cacheRead),
    cacheWrite: known(columns.cacheWrite),
    reasoning: known(columns.reasoning),
  };
}
