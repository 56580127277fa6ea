import type { Dialect } from '../dialect.ts';

/** Agent Mesh: a span for each governed tool call; its token counts are guessed from the text's length. */
export const agentMesh: Dialect = {
  id: 'agent_mesh',
  framework: 'agent_mesh',
  scopes: ['agent-mesh'],
  fingerprints: ['policy.action', 'policy.rule', 'approval.*', 'llm.token.*'],
  attributes: {
    // The service is the gateway; who called through it is the agent.
    'agent.id': { field: 'agentName', own: true },
    'llm.token.input': 'inputTokens',
    'llm.token.output': 'outputTokens',
  },
  spanNames: [{ pattern: /^(.+)$/, operation: 'execute_tool', toolGroup: 1 }],
  estimated: true,
};
