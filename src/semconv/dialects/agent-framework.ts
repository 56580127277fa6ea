import type { Dialect } from '../dialect.ts';

/** Microsoft Agent Framework, Python and .NET. https://learn.microsoft.com/agent-framework/ */
export const agentFramework: Dialect = {
  id: 'microsoft_agent_framework',
  framework: 'microsoft_agent_framework',
  scopes: [/^agent_framework/, /^Experimental\.Microsoft\.Agents\.AI/],
  fingerprints: ['executor.id', 'edge_group.*'],
  attributes: {},
  spanNames: [
    { pattern: /^workflow\.run\b/, operation: 'invoke_workflow' },
    { pattern: /^(?:executor|edge_group)\.process\b/, operation: 'chain' },
    { pattern: /^message\.send\b/, operation: 'chain' },
  ],
};
