import type { Dialect } from '../dialect.ts';

/** MeshAI's recorder of coding sessions: what was before a tool call and what was after are spans of their own. */
export const meshAi: Dialect = {
  id: 'meshai',
  framework: 'meshai',
  scopes: [/^meshai/],
  fingerprints: ['meshai.*'],
  attributes: {},
  spanNames: [
    { pattern: /^session\.start$/, operation: 'invoke_agent' },
    { pattern: /^prompt$/, operation: 'chain' },
    { pattern: /^tool\.pre$/, operation: 'chain' },
    { pattern: /^tool\.post$/, operation: 'execute_tool' },
    { pattern: /^session\.(?:compact|stop)$/, operation: 'chain' },
    { pattern: /^chat (.+)$/, operation: 'chat', modelGroup: 1 },
  ],
};
