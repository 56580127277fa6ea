import type { Dialect } from '../dialect.ts';

/** LlamaIndex's own OpenTelemetry package. https://developers.llamaindex.ai/python/framework/module_guides/observability/ */
export const llamaIndex: Dialect = {
  id: 'llama_index',
  framework: 'llama_index',
  scopes: [/^llama[-_]?index/],
  attributes: {},
};
