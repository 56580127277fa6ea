/** What costs are summed up by. */
export const COST_GROUPS = ['agent', 'team', 'model', 'user', 'conversation', 'day'] as const;
export type CostGroupBy = (typeof COST_GROUPS)[number];
