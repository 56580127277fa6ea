import { expect, test } from 'vitest';

import type { RunSample } from '../../model/run-sample.ts';
import { versionsOf } from './agent-versions.ts';

const runOf = (startMs: number, rest: Partial<RunSample>): RunSample => ({
  traceId: 'a',
  runId: 'b',
  startMs,
  version: 'v1',
  failed: false,
  durationS: 1,
  cost: 0.01,
  tokens: null,
  loopLength: 1,
  models: ['gpt-4o'],
  tools: { search: 1 },
  ...rest,
});

test('versions are told with when they ran, how they did, and what changed with each', () => {
  const versions = versionsOf([
    runOf(50, { version: 'v2', models: ['gpt-5'], tools: { search: 1, pay: 2 }, durationS: 3 }),
    runOf(40, { version: 'v2', models: ['gpt-5'], tools: {}, failed: true, cost: null }),
    runOf(30, { tools: {} }),
    runOf(20, {}),
    runOf(10, { version: '' }),
  ]);
  expect(versions).toEqual([
    {
      version: 'v2',
      runs: 2,
      firstMs: 40,
      lastMs: 50,
      errorRate: 0.5,
      durationS: 2,
      cost: 0.01,
      models: ['gpt-5'],
      tools: ['pay', 'search'],
      changed: {
        modelsAdded: ['gpt-5'],
        modelsRemoved: ['gpt-4o'],
        toolsAdded: ['pay'],
        toolsRemoved: [],
      },
    },
    {
      version: 'v1',
      runs: 2,
      firstMs: 20,
      lastMs: 30,
      errorRate: 0,
      durationS: 1,
      cost: 0.01,
      models: ['gpt-4o'],
      tools: ['search'],
      changed: null,
    },
  ]);
});
