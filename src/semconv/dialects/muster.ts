import type { Dialect } from '../dialect.ts';

/** Muster: the usage names that it reads, and what the span names that it looks for say. */
export const muster: Dialect = {
  id: 'muster',
  fingerprints: ['llm.usage.prompt_tokens', 'llm.usage.completion_tokens'],
  attributes: {
    'llm.usage.prompt_tokens': 'inputTokens',
    'llm.usage.completion_tokens': 'outputTokens',
  },
  spanNames: [
    {
      pattern: /\b(?:openai\.chat|anthropic\.messages|bedrock\.invoke|llm\.completion)/,
      operation: 'chat',
      anywhere: true,
    },
    { pattern: /\btool\.run\b/, operation: 'execute_tool', anywhere: true },
    {
      pattern: /\b(?:agent\.(?:run|execute|invoke)|langchain\.agent|crewai\.agent)\b/,
      operation: 'invoke_agent',
      anywhere: true,
    },
    {
      pattern: /\b(?:langchain\.chain|chain\.run|crewai\.task)\b/,
      operation: 'chain',
      anywhere: true,
    },
  ],
};
