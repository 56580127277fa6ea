import type { Dialect } from '../dialect.ts';

/** Strands Agents. https://strandsagents.com/latest/documentation/docs/user-guide/observability-evaluation/traces/ */
export const strands: Dialect = {
  id: 'strands',
  framework: 'strands',
  scopes: [/^strands(?:\.|$)/, 'strands-agents'],
  fingerprints: ['event_loop.*', 'gen_ai.agent.tools', 'gen_ai.tool.status'],
  attributes: {
    // With the conventions' names for cached tokens came counts that include them; before, it passed on what the
    // provider's client had counted.
    'gen_ai.usage.cache_read.input_tokens': {
      field: 'cacheReadTokens',
      own: true,
      believed: 'first',
      cachedInput: 'included',
    },
    'gen_ai.usage.cache_read_input_tokens': {
      field: 'cacheReadTokens',
      own: true,
      believed: 'first',
      cachedInput: 'as_provider',
    },
    'gen_ai.usage.cache_write_input_tokens': {
      field: 'cacheWriteTokens',
      cachedInput: 'as_provider',
    },
    'gen_ai.tool.status': 'outcome',
  },
  spanNames: [
    { pattern: /^execute_event_loop_cycle/, operation: 'chain' },
    { pattern: /^invoke_(?:graph|swarm)/, operation: 'invoke_workflow', overrules: true },
  ],
  aggregates: [/^execute_event_loop_cycle/],
};
