import { expect, test } from 'vitest';
import { figuresAt, rollUp } from './roll-up.ts';
import type { TraceCall } from './roll-up.ts';
import { drawTree } from './test-tree.ts';

const TREE = drawTree([
  { id: 'root', from: 0, to: 100 },
  { id: 'agent', parent: 'root', from: 1, to: 90 },
  { id: 'one', parent: 'agent', from: 2, to: 10 },
  { id: 'two', parent: 'agent', from: 11, to: 20 },
  { id: 'lone', from: 91, to: 95 },
]);

interface Told {
  readonly at: string;
  readonly run?: string;
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly usd?: number;
  readonly missing?: string;
}

const callAt = ({ at, run, input, output, cacheRead, usd, missing }: Told): TraceCall => ({
  span_id: at,
  run_id: run ?? 'root',
  origin: 'span',
  operation: 'chat',
  provider: 'openai',
  model: 'm',
  request_model: 'm',
  failed: false,
  tokens: {
    input: input ?? null,
    output: output ?? null,
    cache_read: cacheRead ?? null,
    cache_write: null,
    reasoning: null,
  },
  estimated: false,
  invalid: false,
  cost_usd: usd ?? null,
  cost_source: usd === undefined ? '' : 'library',
  price_version: 'library@1',
  cost_missing: usd === undefined ? (missing ?? 'unknown_model') : '',
});

const NOTHING = {
  calls: 0,
  unpriced: 0,
  costUsd: 0,
  input: undefined,
  output: undefined,
  cacheRead: undefined,
  cacheWrite: undefined,
  reasoning: undefined,
};

test('sums calls up to the roots and the whole; what nobody reported stays unknown', () => {
  const usage = rollUp(TREE, [
    callAt({ at: 'one', input: 100, output: 10, cacheRead: 40, usd: 0.1 }),
    callAt({ at: 'two', input: 200, usd: 0.2 }),
    callAt({ at: 'lone', output: 7, usd: 0.000_000_000_001 }),
  ]);
  const agent = { ...NOTHING, calls: 2, costUsd: 0.3, input: 300, output: 10, cacheRead: 40 };
  expect(figuresAt(usage.within, 0)).toEqual(agent);
  expect(figuresAt(usage.within, 1)).toEqual(agent);
  expect(figuresAt(usage.own, 1)).toEqual(NOTHING);
  expect(figuresAt(usage.own, 3)).toEqual({ ...NOTHING, calls: 1, costUsd: 0.2, input: 200 });
  expect(usage.total).toEqual({
    ...agent,
    calls: 3,
    costUsd: 0.300_000_000_001,
    output: 17,
  });
});

test('a sum without any price is unknown, one with some tells how many calls are missing from it', () => {
  const usage = rollUp(TREE, [
    callAt({ at: 'one', input: 1 }),
    callAt({ at: 'two', missing: 'no_tokens' }),
    callAt({ at: 'lone', input: 1, usd: 2 }),
  ]);
  expect(figuresAt(usage.within, 0)).toEqual({
    ...NOTHING,
    calls: 2,
    unpriced: 1,
    costUsd: undefined,
    input: 1,
  });
  expect(usage.total).toMatchObject({ calls: 3, unpriced: 1, costUsd: 2 });
  expect([2, 3, 4].map((index) => usage.words[usage.missing[index]!])).toEqual([
    'unknown_model',
    'no_tokens',
    '',
  ]);
});

test('a call whose span is missing stands at the root of its run, else in the whole alone', () => {
  const usage = rollUp(TREE, [
    callAt({ at: 'gone', run: 'agent', input: 5, usd: 1 }),
    callAt({ at: 'gone', run: 'gone', input: 7, usd: 2 }),
  ]);
  expect(figuresAt(usage.own, 1)).toMatchObject({ calls: 1, input: 5, costUsd: 1 });
  expect(figuresAt(usage.within, 0)).toMatchObject({ calls: 1, input: 5, costUsd: 1 });
  expect([usage.total.calls, usage.total.input, usage.total.costUsd, usage.astray]).toEqual([
    2, 12, 3, 1,
  ]);
});

test('ten thousand small amounts add up to the last digit', () => {
  const calls = Array.from({ length: 10_000 }, () => callAt({ at: 'one', input: 1, usd: 0.1 }));
  expect(rollUp(TREE, calls).total.costUsd).toBe(1000);
});
