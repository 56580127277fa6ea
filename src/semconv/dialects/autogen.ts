import type { Dialect } from '../dialect.ts';

/** AutoGen. https://microsoft.github.io/autogen/stable/user-guide/agentchat-user-guide/tracing.html */
export const autoGen: Dialect = {
  id: 'autogen',
  framework: 'autogen',
  scopes: [/^autogen/],
  attributes: {},
  spanNames: [
    { pattern: /^autogen (?:create|send|process|publish|intercept|ack) /, operation: 'chain' },
  ],
};
