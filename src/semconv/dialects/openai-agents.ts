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
    // Logfire names spans by the template of what it says of them, and what goes into it by attributes.
    'logfire.msg_template': { field: 'kind', own: true },
    name: [
      { field: 'agentName', own: true, whenKind: ['agent run: {name!r}'] },
      { field: 'toolName', own: true, whenKind: ['function: {name}'] },
    ],
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
    'agent run: {name!r}': 'invoke_agent',
    'function: {name}': 'execute_tool',
  },
  spanNames: [
    { pattern: /^OpenAI Agents trace: /, operation: 'invoke_workflow' },
    { pattern: /^Agent run: '?([^'{}]+)'?$/, operation: 'invoke_agent', agentGroup: 1 },
    { pattern: /^Agent run: /, operation: 'invoke_agent' },
    { pattern: /^Function: ([^{}]+)$/, operation: 'execute_tool', toolGroup: 1 },
    { pattern: /^Function: /, operation: 'execute_tool' },
    { pattern: /^(Handoff): /, operation: 'execute_tool', toolGroup: 1 },
    { pattern: /^(?:Responses API|Chat completion) with /, operation: 'chat' },
    { pattern: /^Guardrail /, operation: 'guardrail' },
  ],
};
