import type { Dialect } from '../dialect.ts';

/** Semantic Kernel, Python and .NET. https://learn.microsoft.com/semantic-kernel/concepts/enterprise-readiness/observability/ */
export const semanticKernel: Dialect = {
  id: 'semantic_kernel',
  framework: 'semantic_kernel',
  scopes: [/^semantic_kernel/, /^Microsoft\.SemanticKernel/],
  fingerprints: ['sk.*'],
  attributes: {
    'gen_ai.response.finish_reason': 'finishReasons',
  },
};
