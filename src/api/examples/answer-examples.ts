import type { AnswerExample } from './answer-example.ts';
import { ANOMALIES } from './anomalies.ts';
import { BUDGETS } from './budgets.ts';
import { COST_GROUPS } from './cost-groups.ts';
import { COSTS } from './costs.ts';
import { PRICES } from './prices.ts';
import { QUALITY } from './quality.ts';
import { RUNS } from './runs.ts';
import { STANDING } from './standing.ts';

/** What routes answer when all is well, in the API's description. A test holds each against its schema. */
export const ANSWER_EXAMPLES: readonly AnswerExample[] = [
  ...COSTS,
  ...COST_GROUPS,
  ...PRICES,
  ...BUDGETS,
  ...RUNS,
  ...QUALITY,
  ...ANOMALIES,
  ...STANDING,
];
