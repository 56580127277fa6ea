import type { Dialect } from '../dialect.ts';

/** Vystak: a `gen_ai.chat` span around each model call, with the cache names of older conventions. */
export const vystak: Dialect = {
  id: 'vystak',
  framework: 'vystak',
  scopes: [/^vystak/],
  attributes: {},
  spanNames: [
    { pattern: /^gen_ai\.chat$/, operation: 'chat', anywhere: true },
    { pattern: /^slack\.(?:message|app_mention)$/, operation: 'chain' },
  ],
};
