import type { Dialect } from '../dialect.ts';

/** Strands Agents. https://strandsagents.com/latest/documentation/docs/user-guide/observability-evaluation/traces/ */
export const strands: Dialect = {
  id: 'strands',
  framework: 'strands',
  scopes: [/^strands(?:\.|$)/, 'strands-agents'],
  // It passes on what the provider's client counted.
  scopeRules: [{ scopes: [/^strands(?:\.|$)/, 'strands-agents'], cachedInput: 'as_provider' }],
  fingerprints: ['event_loop.*', 'gen_ai.agent.tools', 'gen_ai.tool.status'],
  attributes: {
    'gen_ai.usage.cache_write_input_tokens': 'cacheWriteTokens',
    'gen_ai.tool.status': 'outcome',
  },
  spanNames: [
    { pattern: /^execute_event_loop_cycle/, operation: 'chain' },
    { pattern: /^invoke_(?:graph|swarm)/, operation: 'invoke_workflow', overrules: true },
  ],
  aggregates: [/^execute_event_loop_cycle/],
};
