import { expect, test } from 'vitest';

import { UNKNOWN_AGENT } from './agent-directory.ts';
import { gatewayFileSchema } from './gateway-file.ts';
import { createRegistryGate } from './registry-gate.ts';

const HOUR_MS = 3_600_000;

const gateOf = (registry: object, cutOffMs: number | undefined) =>
  createRegistryGate(gatewayFileSchema.parse({ registry }).registry, {
    hasRegistry: true,
    isStale: () => cutOffMs !== undefined,
    ageMs: () => cutOffMs ?? 0,
  });

const APPROVED = { ...UNKNOWN_AGENT, status: 'APPROVED' } as const;
const SUSPENDED = { ...UNKNOWN_AGENT, status: 'SUSPENDED' } as const;

test.each([
  ['a known agent goes on for a day', {}, 23 * HOUR_MS, APPROVED, 'pass', ''],
  ['and no longer', {}, 25 * HOUR_MS, APPROVED, 'deny', 'registry/unreachable'],
  [
    'or as long as the file says',
    { last_known_seconds: 60 },
    61_000,
    APPROVED,
    'deny',
    'registry/unreachable',
  ],
  [
    'whom nobody knew is refused at once',
    { unknown: 'allow' },
    1,
    UNKNOWN_AGENT,
    'deny',
    'registry/unreachable',
  ],
  [
    'while it answers, the rule for unknown agents holds',
    { unknown: 'allow' },
    undefined,
    UNKNOWN_AGENT,
    'pass',
    '',
  ],
  ['who was suspended stays so', {}, HOUR_MS, SUSPENDED, 'deny', 'registry/SUSPENDED'],
  [
    'and everybody is refused where the file says so',
    { when_unreachable: 'deny' },
    1,
    APPROVED,
    'deny',
    'registry/unreachable',
  ],
] as const)('cut off from the registry: %s', (_, registry, cutOffMs, facts, action, rule) => {
  const answer = gateOf(registry, cutOffMs)('claude', facts, undefined);
  expect({ action: answer.action, rule: answer.rule }).toEqual({ action, rule });
});
