import type { Dialect, ScopeName, ScopeRule } from './dialect.ts';

/** What an instrumentation scope's name tells of its spans. */
export interface ScopeProfile {
  /** Index of the dialect that the scope speaks, the last in order that claims it, or -1. */
  readonly dialect: number;
  /** The framework that the scope instruments, or ''. */
  readonly framework: string;
  readonly rule: Omit<ScopeRule, 'scopes'>;
}

export const UNKNOWN_SCOPE: ScopeProfile = { dialect: -1, framework: '', rule: {} };

/** How scopes name the frameworks that they instrument; separators are left out of the comparison. */
const FRAMEWORKS: readonly (readonly [string, string])[] = [
  ['langgraph', 'langgraph'],
  ['langchain', 'langchain'],
  ['crewai', 'crewai'],
  ['llamaindex', 'llama_index'],
  ['autogen', 'autogen'],
  ['openaiagents', 'openai_agents'],
  ['semantickernel', 'semantic_kernel'],
  ['agentframework', 'microsoft_agent_framework'],
  ['pydanticai', 'pydantic_ai'],
  ['smolagents', 'smolagents'],
  ['haystack', 'haystack'],
  ['googleadk', 'google_adk'],
  ['strands', 'strands'],
  ['mastra', 'mastra'],
  ['litellm', 'litellm'],
  ['dspy', 'dspy'],
  ['agno', 'agno'],
  ['beeai', 'beeai'],
];

export function profileOfScope(scopeName: string, dialects: readonly Dialect[]): ScopeProfile {
  if (scopeName === '') return UNKNOWN_SCOPE;
  const dialect = dialects.findLastIndex(({ scopes }) => matchesAny(scopes, scopeName));
  const plain = scopeName.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const framework = FRAMEWORKS.find(([word]) => plain.includes(word))?.[1] ?? '';
  const rule = dialects[dialect]?.scopeRules?.find(({ scopes }) => matchesAny(scopes, scopeName));
  return { dialect, framework, rule: rule ?? {} };
}

function matchesAny(scopes: readonly ScopeName[] | undefined, scopeName: string): boolean {
  return (
    scopes?.some((scope) =>
      typeof scope === 'string' ? scope === scopeName : scope.test(scopeName),
    ) === true
  );
}
