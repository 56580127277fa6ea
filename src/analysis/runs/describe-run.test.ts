import { expect, test } from 'vitest';

import { agent, chat } from '../../../test/harness/run-span.ts';
import type { RunSpan } from '../../storage/run-store.ts';
import { describeCall, describeRun } from './describe-run.ts';
import { findRunsIn } from './find-runs.ts';

const CONTEXT = {
  project: 'p',
  traceId: 'a'.repeat(32),
  abandoned: false,
  quiet: false,
  truncated: false,
};

function describe(...spans: RunSpan[]) {
  const [run] = findRunsIn(spans);
  const calls = run!.modelCalls.map((node) => describeCall(node, run!, CONTEXT));
  const cost = { amount: null, source: '', priceVersion: '', missing: '' } as const;
  return {
    calls,
    run: describeRun(
      run!,
      calls.map((call) => ({ ...call, cost })),
      CONTEXT,
    ),
  };
}

test('a run that ended before it began is over, and one without an end goes on', () => {
  const reversed = describe(agent('root', '', 'a', { durationMs: -5 })).run;
  expect([reversed.status, reversed.durationNs]).toEqual(['ok', 0n]);
  const root = agent('root', '', 'a');
  // An end of 0 is none.
  const open = describe({ ...root, durationNs: -root.startNs }).run;
  expect([open.status, open.durationNs]).toEqual(['running', null]);
});

test('usage on a span that names no model is of the model of the nearest span above in its service', () => {
  const { calls } = describe(
    agent('root', '', 'a', { requestModel: 'far' }),
    agent('turn', 'root', 'a', { requestModel: 'near', provider: 'openai' }),
    chat('call', 'turn', { requestModel: '' }),
    chat('elsewhere', 'turn', { requestModel: '', service: 'other' }),
  );
  expect(calls.map(({ spanId, model, provider }) => [spanId, model, provider])).toEqual([
    ['call', 'near', 'openai'],
    ['elsewhere', '', ''],
  ]);
});
