import { expect, test } from 'vitest';

import { simulate } from '../../../bench/anomalies/simulation.ts';

/** A slice of `npm run bench:anomalies`, whose whole says how often the detectors err. */
const SLICE = { seed: 7, agents: 6, runsPerDay: [20, 60] } as const;

test('finds a change of each kind in made-up agents with realistic noise', () => {
  const found = (['slow', 'failing', 'one dear run', 'many', 'other tools'] as const).map(
    (incident) => {
      const { foundAfterHours, struck } = simulate({ ...SLICE, incident, days: 5 });
      return [incident, foundAfterHours.length >= struck - 1];
    },
  );
  expect(found).toEqual([
    ['slow', true],
    ['failing', true],
    ['one dear run', true],
    ['many', true],
    ['other tools', true],
  ]);
});

test('hardly ever cries wolf', () => {
  const { falseAlarms, agentDays } = simulate({ ...SLICE, incident: 'none', days: 7 });
  const alarms = Object.values(falseAlarms).reduce((sum, count) => sum + count, 0);
  expect([agentDays, alarms <= 1]).toEqual([42, true]);
});
