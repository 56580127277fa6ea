import { expect, test } from 'vitest';

import { NOON_NS, RUN_ID, runDetailOf, TRACE_ID } from '../../../test/harness/run-detail.ts';
import { settingsOf } from './check-setting.ts';
import { evaluateRun } from './evaluate-run.ts';

test('each check gives a result or a reason why it was not made', () => {
  const { results, skipped } = evaluateRun(
    runDetailOf({ output: "I'm sorry, I can't help with that." }),
    settingsOf([], [{ checkId: 'no_pii_in_output', enabled: false }]),
  );
  expect(results.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'output_not_empty passed',
    'no_refusal_in_output failed',
    'latency_within_sla passed',
    'error_free passed',
    'retries_bounded passed',
    'no_secret_in_output passed',
    'no_prompt_injection_in_input passed',
  ]);
  expect(skipped).toHaveLength(10);
  expect(skipped[0]).toEqual({ checkId: 'no_tool_loop', reason: 'the run called no tool' });
  expect(skipped).toContainEqual({
    checkId: 'no_pii_in_output',
    reason: 'switched off: Set by a person.',
  });
  expect(results[1]).toEqual({
    project: 'default',
    traceId: TRACE_ID,
    runId: RUN_ID,
    agent: 'assistant',
    startNs: NOON_NS,
    source: 'check',
    name: 'no_refusal_in_output',
    key: '',
    severity: 'MEDIUM',
    outcome: 'failed',
    score: 0,
    expected: 'no refusal',
    actual: "I'm sorry, I can't help with that.",
    delta: null,
    message: 'The output refuses: "I\'m sorry, I can\'t help".',
    evidence: { spanId: 'c'.repeat(16), value: "I'm sorry, I can't help with that." },
  });
});
