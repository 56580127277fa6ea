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

/** How scopes name the frameworks that they instrument. */
const FRAMEWORKS: readonly (readonly [RegExp, string])[] = (
  [
    ['langgraph', 'langgraph'],
    ['langchain', 'langchain'],
    ['crewai', 'crewai'],
    ['llama[-_]?index', 'llama_index'],
    ['autogen', 'autogen'],
    ['openai[-_]agents', 'openai_agents'],
    ['semantic[-_]?kernel', 'semantic_kernel'],
    ['agent[-_]framework', 'microsoft_agent_framework'],
    ['pydantic[-_]ai', 'pydantic_ai'],
    ['smolagents', 'smolagents'],
    ['haystack', 'haystack'],
    ['google[-_]adk', 'google_adk'],
    ['strands(?:[-_]agents)?', 'strands'],
    ['mastra', 'mastra'],
    ['litellm', 'litellm'],
    ['dspy', 'dspy'],
    ['agno', 'agno'],
    ['beeai', 'beeai'],
  ] as const
).map(([word, framework]) => [new RegExp(`(?:^|[^a-z0-9])${word}(?![a-z0-9])`), framework]);

export function profileOfScope(scopeName: string, dialects: readonly Dialect[]): ScopeProfile {
  if (scopeName === '') return UNKNOWN_SCOPE;
  const dialect = dialects.findLastIndex(({ scopes }) => matchesAny(scopes, scopeName));
  const name = scopeName.toLowerCase();
  const framework = FRAMEWORKS.find(([pattern]) => pattern.test(name))?.[1] ?? '';
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
