import { parseArgs } from 'node:util';

import { INCIDENTS } from './anomalies/agent-days.ts';
import { EXPECTED, simulate } from './anomalies/simulation.ts';

/** How often the detectors cry wolf, and how soon they find what is wrong: tables for docs/anomalies.md. */

const VOLUMES = [
  ['1–5', [1, 5]],
  ['5–50', [5, 50]],
  ['50–500', [50, 500]],
] as const;

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '100' },
    days: { type: 'string', default: '14' },
    seed: { type: 'string', default: '1' },
  },
});
const [agents, days, seed] = [Number(values.agents), Number(values.days), Number(values.seed)];

console.log(`${agents} agents a row, ${days} days each, seed ${seed}\n`);
console.log('| runs a day | agent-days | false alarms | one in | by kind |\n|---|--:|--:|--:|---|');
for (const [name, runsPerDay] of VOLUMES) {
  const result = simulate({ seed, agents, runsPerDay, days, incident: 'none' });
  const total = Object.values(result.falseAlarms).reduce((sum, count) => sum + count, 0);
  const kinds = Object.entries(result.falseAlarms).map(([kind, count]) => `${kind} ${count}`);
  const every = total === 0 ? '–' : `${Math.round(result.agentDays / total)} agent-days`;
  console.log(`| ${name} | ${result.agentDays} | ${total} | ${every} | ${kinds.join(', ')} |`);
}
console.log('\n| incident | found as | runs a day | found | median hours |\n|---|---|---|--:|--:|');
for (const incident of INCIDENTS) {
  if (incident === 'none') continue;
  for (const [name, runsPerDay] of VOLUMES) {
    const { foundAfterHours, struck } = simulate({ seed, agents, runsPerDay, days: 6, incident });
    const share = `${Math.round((100 * foundAfterHours.length) / struck)} %`;
    const sorted = foundAfterHours.toSorted((a, b) => a - b);
    const median = sorted[sorted.length >> 1]?.toFixed(1) ?? '–';
    console.log(`| ${incident} | \`${EXPECTED[incident]}\` | ${name} | ${share} | ${median} |`);
  }
}
