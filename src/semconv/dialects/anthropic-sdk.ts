import type { Dialect } from '../dialect.ts';

/** Anthropic's TypeScript SDK, which traces its own calls, with GenAI names. https://github.com/anthropics/anthropic-sdk-typescript */
export const anthropicSdk: Dialect = {
  id: 'anthropic_sdk',
  scopes: [/^com\.anthropic\.sdk\./],
  attributes: {},
};
