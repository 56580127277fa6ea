import type { Dialect } from '../dialect.ts';

/** agent-strace and our own sessions of coding agents, exported as `otlp` or `otlp-genai`. */
export const agentStrace: Dialect = {
  id: 'agent_strace',
  framework: 'agent_strace',
  scopes: ['agent-trace', 'agent-strace', 'signalbox.session'],
  fingerprints: ['agent.session_id', 'agent.tool_calls', 'agent.llm_requests'],
  attributes: {
    'agent.session_id': 'conversation',
  },
  kinds: {
    'agent.session': 'invoke_agent',
    'tool.call': 'execute_tool',
    execute: 'execute_tool',
  },
  spanNames: [
    { pattern: /^gen_ai\.client\.operation$/, operation: 'chat', anywhere: true },
    {
      pattern: /^gen_ai\.tool\.call\/(.+)$/,
      operation: 'execute_tool',
      toolGroup: 1,
      anywhere: true,
    },
    { pattern: /^tool\/(.+)$/, operation: 'execute_tool', toolGroup: 1 },
    {
      pattern: /^(?:gen_ai\.agent\.session|agent-session) \((.+)\)$/,
      operation: 'invoke_agent',
      agentGroup: 1,
      anywhere: true,
    },
  ],
};
