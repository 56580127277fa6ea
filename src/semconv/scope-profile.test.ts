import { describe, expect, test } from 'vitest';

import { DIALECTS } from './dialects.ts';
import { profileOfScope, UNKNOWN_SCOPE } from './scope-profile.ts';

const profileOf = (scope: string): [string | undefined, string] => {
  const { dialect, framework } = profileOfScope(scope, DIALECTS);
  return [DIALECTS[dialect]?.id, framework];
};

describe('an instrumentation scope', () => {
  test.each([
    ['openinference.instrumentation.langchain', 'openinference', 'langchain'],
    ['@arizeai/openinference-instrumentation-langchain', 'openinference', 'langchain'],
    ['openinference.instrumentation.llama_index', 'openinference', 'llama_index'],
    ['openinference.instrumentation.openai', 'openinference', ''],
    ['openinference.instrumentation.google_adk', 'openinference', 'google_adk'],
    ['opentelemetry.instrumentation.langchain', 'openllmetry', 'langchain'],
    ['opentelemetry.instrumentation.crewai', 'crewai', 'crewai'],
    ['@traceloop/instrumentation-llamaindex', 'openllmetry', 'llama_index'],
    ['ai', 'ai_sdk', ''],
    ['pydantic-ai', 'pydantic_ai', 'pydantic_ai'],
    ['strands.telemetry.tracer', 'strands', 'strands'],
    ['com.anthropic.claude_code.tracing', 'claude_code', ''],
    ['com.anthropic.sdk.typescript', 'anthropic_sdk', ''],
    ['opentelemetry.instrumentation.openai_v2', undefined, ''],
    ['aiohttp', undefined, ''],
    ['my.diagnostics', undefined, ''],
    ['hairstrands', undefined, ''],
    ['my-langgraph-app', undefined, 'langgraph'],
  ])('%s speaks %s and instruments %j', (scope, dialect, framework) => {
    expect(profileOf(scope)).toEqual([dialect, framework]);
  });

  test('without a name tells nothing', () => {
    expect(profileOfScope('', DIALECTS)).toBe(UNKNOWN_SCOPE);
  });

  test('may count in another way than the rest of its dialect', () => {
    const rules = ['@traceloop/instrumentation-anthropic', '@traceloop/instrumentation-cohere'].map(
      (scope) => profileOfScope(scope, DIALECTS).rule,
    );
    expect(rules).toEqual([expect.objectContaining({ cachedInput: 'excluded' }), {}]);
  });
});
