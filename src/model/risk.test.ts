import { expect, test } from 'vitest';

import { DEFAULT_RISK_RULES, factsSeen, levelOf, scoreRisk, type KnownFact } from './risk.ts';

const factsOf = (tools: string[], providers: string[] = []) =>
  Object.fromEntries(factsSeen({ tools, providers }).map(({ fact, value }) => [fact, value]));

test.each([
  [['search', 'get_weather', 'readFile', 'list_updates'], false, false],
  [['create_refund'], true, false],
  [['github.createPullRequest'], true, false],
  [['fs/write-file'], true, false],
  [['Bash'], false, true],
  [['run_python_code', 'execute_sql_query'], false, true],
  [['address_lookup', 'settings_read', 'update'], true, false],
])('reads tools word by word: %j', (tools, writes, executes) => {
  expect(factsOf(tools)).toMatchObject({ writes_to_systems: writes, executes_code: executes });
});

test('knows nothing of what it has not seen', () => {
  expect(factsOf([])).toEqual({
    writes_to_systems: null,
    executes_code: null,
    external_llm_calls: null,
  });
  expect(factsOf([], ['ollama'])).toMatchObject({ external_llm_calls: false });
  expect(factsOf([], ['ollama', 'openai'])).toMatchObject({ external_llm_calls: true });
});

test('a score stays between 0 and 100, and its level follows from the bands', () => {
  const fact = (name: KnownFact['fact']): KnownFact => ({
    fact: name,
    value: true,
    source: 'person',
    because: 'said so',
  });
  const facts = DEFAULT_RISK_RULES.map((rule) => fact(rule.fact));
  expect(scoreRisk(facts, DEFAULT_RISK_RULES)).toMatchObject({ score: 67, level: 'HIGH' });
  expect(scoreRisk([fact('high_confidence')], DEFAULT_RISK_RULES)).toMatchObject({ score: 0 });
  const double = DEFAULT_RISK_RULES.map((rule) => ({ ...rule, points: 90, enabled: true }));
  expect(scoreRisk(facts, double).score).toBe(100);
  expect([0, 24, 25, 49, 50, 69, 70].map(levelOf)).toEqual([
    'LOW',
    'LOW',
    'MEDIUM',
    'MEDIUM',
    'HIGH',
    'HIGH',
    'CRITICAL',
  ]);
});
