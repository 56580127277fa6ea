import { describe, expect, test } from 'vitest';

import { factsOf } from '../../../test/harness/call-facts.ts';
import type { TraceEntry } from '../trace-entry.ts';
import { dryRun } from './dry-run.ts';
import { explainPolicies } from './explain-policies.ts';
import { proposedPolicies } from './proposed-policies.ts';

const SET = proposedPolicies(`
- name: everyone
  rules:
    - {tools: ["*"], action: deny}
- name: billing
  agent: billing
  model_allowlist: ["gpt-*"]
  rules:
    - {tools: [crm.read], action: allow}
    - name: small
      tools: [crm.refund]
      action: allow
      condition: {all: [{field: amount, operator: "<", value: 500}, {agent_status: [APPROVED]}]}
    - {tools: ["crm.*"], action: human_approval, condition: {not: {field: test, operator: exists}}}
- name: others
  agent: shipping
  rules: []
`);

describe('why a call is decided as it is', () => {
  test('each rule before the one that decides says why it does not', () => {
    const params = { amount: 900, test: true };
    const facts = factsOf({ agent: 'billing', tool: 'crm.refund', params });
    const { decision, considered } = explainPolicies(SET, facts);
    expect(decision).toBe(SET.decide(facts));
    expect(considered).toEqual([
      {
        rule: 'billing/model_allowlist',
        action: 'deny',
        outcome: 'condition',
        why: 'it is about calls where the model is none of gpt-*',
      },
      { rule: 'billing#1', action: 'allow', outcome: 'other_tool', why: 'it is for crm.read' },
      {
        rule: 'billing/small',
        action: 'allow',
        outcome: 'condition',
        why: 'amount is 900; wanted: amount < 500',
      },
      {
        rule: 'billing#3',
        action: 'human_approval',
        outcome: 'condition',
        why: 'test is there holds; wanted: not (test is there)',
      },
      {
        rule: 'others',
        action: null,
        outcome: 'other_agent',
        why: 'it is for shipping, not for billing',
      },
      {
        rule: 'everyone#1',
        action: 'deny',
        outcome: 'decides',
        why: 'it is about every such call',
      },
    ]);
  });

  test('an explanation comes to the decision that is made, whatever is asked', () => {
    for (let round = 0; round < 200; round++) {
      const facts = factsOf({
        agent: ['billing', 'shipping', 'nobody'][round % 3]!,
        tool: ['crm.read', 'crm.refund', 'crm.x', 'erp.y'][round % 4]!,
        params: round % 5 === 0 ? { amount: round * 10 } : { test: 1, amount: round },
        status: round % 7 === 0 ? 'APPROVED' : 'UNKNOWN',
        ...(round % 2 === 0 ? { model: round % 4 === 0 ? 'gpt-5' : 'claude' } : {}),
      });
      expect(explainPolicies(SET, facts).decision).toBe(SET.decide(facts));
    }
  });
});

const entryOf = (rest: Partial<TraceEntry>): TraceEntry => ({
  trace_id: 'a'.repeat(32),
  span_id: 'b'.repeat(16),
  parent_span_id: '',
  agent_id: 'billing',
  project: 'default',
  face: 'http',
  tool: 'crm.refund',
  params: {},
  policy: 'allow',
  policy_rule: 'billing/small',
  status_code: 200,
  latency_ms: 1,
  timestamp: '2026-11-25T12:00:00.000Z',
  start_unix_nano: '1',
  end_unix_nano: '2',
  estimated_input_tokens: 1,
  estimated_output_tokens: 1,
  tokens_source: 'estimate',
  ...rest,
});

describe('a dry run', () => {
  const policies = proposedPolicies(`
name: next
rules:
  - {tools: [crm.login], action: allow, condition: {field: password, operator: starts_with, value: test}}
  - {tools: [crm.refund], action: allow, condition: {field: amount, operator: "<", value: 100}}
  - {tools: [crm.list], action: allow, condition: {any: [{field: page, operator: exists}, {budget: [ok]}]}}
`);
  const run = (...entries: Partial<TraceEntry>[]) => {
    const { changed, undecidable, ...counts } = dryRun(entries.map(entryOf), {
      policies,
      defaults: new Map([['echo', 'allow']]),
    });
    const short = ({ tool, was, is, rule, because }: (typeof changed)[number]) =>
      [tool, was, is, rule, because].join(' ').trim();
    return { ...counts, changed: changed.map(short), undecidable: undecidable.map(short) };
  };

  test('tells which calls would be decided otherwise, and of which nobody can tell', () => {
    expect(
      run(
        { params: { amount: 50 } },
        { params: { amount: 400 } },
        { tool: 'crm.login', params: { password: '[REDACTED:secret]' } },
        { tool: 'crm.refund', params: { _cut: '{"amount":', _characters: 90_000 } },
        { tool: 'crm.list', params: { page: 2 } },
        { tool: 'crm.list', params: {}, policy: 'deny' },
        { tool: 'crm.old', policy: 'deny', policy_rule: 'registry/UNKNOWN' },
        { tool: 'echo.hello', policy: 'allow' },
        { tool: 'crm.refund', policy_rule: 'grant:grt_1', params: { amount: 3 } },
      ),
    ).toEqual({
      calls: 8,
      passedOver: 1,
      changed: ['crm.refund allow deny default', 'crm.refund human_approval allow next#2'],
      undecidable: [
        'crm.login allow  next#1 password, which was redacted',
        'crm.refund allow  next#2 amount, and the arguments were cut',
        'crm.list deny  next#3 budget, which no registry tells here',
      ],
    });
  });

  test('what hangs on a missing value and comes to the same either way is decided', () => {
    const same = proposedPolicies(`
name: same
rules:
  - {tools: ["*"], action: deny, condition: {field: password, operator: "==", value: x}}
  - {tools: ["*"], action: deny}
`);
    const entries = [entryOf({ params: { password: '[REDACTED:secret]' } })];
    const { changed, undecidable } = dryRun(entries, { policies: same, defaults: new Map() });
    expect(undecidable).toEqual([]);
    expect(changed).toMatchObject([{ was: 'allow', is: 'deny', rule: 'same#1' }]);
  });

  test('says what is wrong with proposed policies', () => {
    expect(() => proposedPolicies('nothing')).toThrow('paste a gateway.yaml');
    expect(() => proposedPolicies('name: x\nrules: [{tools: [a], action: maybe}]')).toThrow(
      'rules.0.action',
    );
  });
});
