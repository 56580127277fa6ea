import type { Dialect } from '../dialect.ts';

/**
 * CrewAI, as its instrumentations write it, and the telemetry that it sends to its makers: where that
 * arrives, no agent of the user's is behind it. https://docs.crewai.com/en/observability/overview
 */
export const crewAi: Dialect = {
  id: 'crewai',
  framework: 'crewai',
  scopes: ['opentelemetry.instrumentation.crewai', 'crewai.telemetry'],
  scopeRules: [{ scopes: ['crewai.telemetry'], agentless: true }],
  fingerprints: ['crewai.*', 'crew_key', 'crew_id'],
  attributes: {
    'crewai.agent.role': 'agentName',
  },
  spanNames: [
    { pattern: /^crewai\.workflow$/, operation: 'invoke_workflow' },
    { pattern: /^(.+)\.agent$/, operation: 'invoke_agent', agentGroup: 1 },
    { pattern: /^.+\.task$/, operation: 'chain' },
    { pattern: /^(.+)\.llm$/, operation: 'chat', modelGroup: 1 },
  ],
};
