import { expect, test } from 'vitest';

import { serverReadiness, type ReadinessFacts } from './readiness.ts';

const proof = {
  ok: true,
  checked_sessions: 3,
  checked_events: 40,
  public_key: 'ab'.repeat(32),
  failures: [],
};

const facts = (rest: Partial<ReadinessFacts> = {}): ReadinessFacts => ({
  requiredDays: 180,
  availableDays: 180,
  proof,
  sampledTraces: 2,
  undecided: { total: 0, names: [] },
  agents: 3,
  deadLetters: 0,
  decisions: 12,
  backwards: 0,
  hasGateway: true,
  ...rest,
});

const judged = (rest: Partial<ReadinessFacts>) => {
  const { score, ready, checks } = serverReadiness(facts(rest));
  return { score, ready, failed: checks.filter(({ ok }) => ok === false).map(({ id }) => id) };
};

const BROKEN = {
  session_id: 's',
  seq: 2,
  event_id: 'e',
  reason: 'its data is not what was recorded',
};

test.each<[string, Partial<ReadinessFacts>, object]>([
  ['all is well', {}, { score: 100, ready: true, failed: [] }],
  ['no gateway costs nothing', { hasGateway: false }, { score: 100, ready: true, failed: [] }],
  [
    'a break is never ready',
    { proof: { ...proof, ok: false, failures: [BROKEN] } },
    { score: 65, ready: false, failed: ['integrity'] },
  ],
  [
    'agents that nobody decided about',
    { undecided: { total: 1, names: ['x'] } },
    { score: 80, ready: true, failed: ['oversight'] },
  ],
  [
    'young records, and some that could not be stored',
    { availableDays: 3, deadLetters: 1, undecided: { total: 9, names: ['x'] } },
    { score: 60, ready: false, failed: ['oversight', 'retention', 'continuity'] },
  ],
  ['nothing stored', { availableDays: null }, { score: 0, ready: false, failed: ['retention'] }],
])('%s', (_, rest, expected) => {
  expect(judged(rest)).toEqual(expected);
});

test('each check that fails says what it found and how to mend it', () => {
  const { checks } = serverReadiness(
    facts({
      proof: { ...proof, ok: false, failures: [BROKEN] },
      undecided: { total: 7, names: ['a', 'b'] },
      availableDays: 30,
      deadLetters: 2,
      agents: 9,
      backwards: 1,
      hasGateway: false,
    }),
  );
  expect(checks.map(({ finding }) => finding)).toEqual([
    'A package that was made to see did not verify: its data is not what was recorded.',
    '7 of 9 agents run and were never decided about: a, b and 5 more.',
    'The earliest trace is 30 days old, and 180 are wanted.',
    'It shows that 2 requests with telemetry were acknowledged and could not be stored, and the clock went back between 1 of the decisions.',
    'No gateway runs in this server, so that records tell what agents did and not what they were kept from.',
  ]);
  for (const { remedy } of checks) expect(remedy).not.toBe('');
});
