import type { Dialect } from '../dialect.ts';

/**
 * OpenAI Agents SDK: what it calls its own spans, as Logfire and OpenLLMetry pass it on.
 * https://openai.github.io/openai-agents-python/tracing/
 */
export const openAiAgents: Dialect = {
  id: 'openai_agents',
  framework: 'openai_agents',
  scopes: [/^logfire\.openai_agents/, /^openai[-_.]agents/],
  fingerprints: ['openai.agent.*', 'gen_ai.handoff.*'],
  attributes: {
    'gen_ai.handoff.from_agent': { field: 'agentName', believed: 'last' },
  },
  kinds: {
    agent: 'invoke_agent',
    generation: 'chat',
    response: 'chat',
    function: 'execute_tool',
    handoff: 'execute_tool',
    guardrail: 'guardrail',
    mcp_tools: 'chain',
  },
  spanNames: [
    { pattern: /^OpenAI Agents trace: /, operation: 'invoke_workflow' },
    { pattern: /^Agent run: '?([^'{}]+)'?$/, operation: 'invoke_agent', agentGroup: 1 },
    { pattern: /^Agent run: /, operation: 'invoke_agent' },
    { pattern: /^Function: ([^{}]+)$/, operation: 'execute_tool', toolGroup: 1 },
    { pattern: /^(?:Function|Handoff): /, operation: 'execute_tool' },
    { pattern: /^(?:Responses API|Chat completion) with /, operation: 'chat' },
    { pattern: /^Guardrail /, operation: 'guardrail' },
  ],
};
