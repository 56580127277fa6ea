import type { MinimumSpread } from './baseline.ts';

/** What baselines are kept of, defined once for runs on the server and for recorded sessions. */
export interface BaselineMetric {
  readonly title: string;
  readonly unit: 'USD' | 's' | 'tokens' | 'calls' | 'files' | 'share' | 'divergence';
  /** How its value is reckoned from one run or session, or from several. */
  readonly definition: string;
  readonly minimumSpread: MinimumSpread;
}

/** Each spread is what nobody would call a change: a tenth of what is usual, and no less than one countable thing. */
export const BASELINE_METRICS = {
  cost: {
    title: 'Cost',
    unit: 'USD',
    definition: 'The sum over its priced model calls; nothing when a call has tokens and no price.',
    minimumSpread: { absolute: 0.001, relative: 0.1 },
  },
  tokens: {
    title: 'Tokens',
    unit: 'tokens',
    definition: 'Input and output tokens of its model calls, each call counted once.',
    minimumSpread: { absolute: 50, relative: 0.1 },
  },
  duration: {
    title: 'Duration',
    unit: 's',
    definition: 'Wall-clock time from its start to its end.',
    minimumSpread: { absolute: 0.5, relative: 0.1 },
  },
  tool_calls: {
    title: 'Tool calls',
    unit: 'calls',
    definition: 'Calls of tools.',
    minimumSpread: { absolute: 1, relative: 0.1 },
  },
  error_rate: {
    title: 'Error rate',
    unit: 'share',
    definition:
      'Of a session: failed tool calls as a share of tool calls. Of an agent: failed runs as a share of runs.',
    minimumSpread: { absolute: 0.02, relative: 0.1 },
  },
  retry_rate: {
    title: 'Retry rate',
    unit: 'share',
    definition: 'Calls of the same tool again, right after one another, as a share of tool calls.',
    minimumSpread: { absolute: 0.02, relative: 0.1 },
  },
  blast_radius: {
    title: 'Blast radius',
    unit: 'files',
    definition: 'Distinct files written.',
    minimumSpread: { absolute: 1, relative: 0.1 },
  },
  tool_mix: {
    title: 'Tool mix',
    unit: 'divergence',
    definition:
      'Which share of the tool calls each tool has; compared by Jensen–Shannon divergence, 0 the same and 1 nothing in common.',
    minimumSpread: { absolute: 0.02, relative: 0 },
  },
  loop_length: {
    title: 'Loop length',
    unit: 'calls',
    definition: 'The longest row of calls of one tool with the same arguments.',
    minimumSpread: { absolute: 1, relative: 0.1 },
  },
} as const satisfies Record<string, BaselineMetric>;

export type BaselineMetricName = keyof typeof BASELINE_METRICS;

/** Of a recorded session. */
export const SESSION_METRICS = [
  'cost',
  'duration',
  'tool_calls',
  'error_rate',
  'retry_rate',
  'blast_radius',
] as const satisfies readonly BaselineMetricName[];

/** Of an agent's runs. */
export const AGENT_METRICS = [
  'cost',
  'tokens',
  'duration',
  'error_rate',
  'tool_mix',
  'loop_length',
] as const satisfies readonly BaselineMetricName[];

export type SessionMetric = (typeof SESSION_METRICS)[number];
export type AgentMetric = (typeof AGENT_METRICS)[number];
