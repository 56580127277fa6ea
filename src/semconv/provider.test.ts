import { describe, expect, test } from 'vitest';

import { frameworkInProvider, normalizeProvider } from './provider.ts';

describe('a provider', () => {
  test.each([
    ['openai', 'openai'],
    ['OpenAI', 'openai'],
    ['Anthropic', 'anthropic'],
    ['az.ai.openai', 'azure.ai.openai'],
    ['az.ai.inference', 'azure.ai.inference'],
    ['vertex_ai', 'gcp.vertex_ai'],
    ['gemini', 'gcp.gemini'],
    ['xai', 'x_ai'],
    ['gcp.gen_ai', 'gcp.gen_ai'],
    ['aws.bedrock', 'aws.bedrock'],
  ])('of the conventions, old or new, is today’s: %s → %s', (sent, name) => {
    expect(normalizeProvider(sent, '')).toBe(name);
  });

  test.each([
    ['openai.chat', 'openai'],
    ['openai.responses', 'openai'],
    ['anthropic.messages', 'anthropic'],
    ['google.vertex.chat', 'gcp.vertex_ai'],
    ['google.generative-ai', 'gcp.gemini'],
    ['amazon-bedrock', 'aws.bedrock'],
    ['azure.responses', 'azure.ai.openai'],
    ['mistral.chat', 'mistral_ai'],
    ['xai.chat', 'x_ai'],
  ])('of the AI SDK is the one before the interface: %s → %s', (sent, name) => {
    expect(normalizeProvider(sent, '')).toBe(name);
  });

  test('that nobody knows is kept, in lower case', () => {
    expect(normalizeProvider('My-Company', 'gpt-4o')).toBe('my-company');
  });

  test.each(['constructor', '__proto__', 'toString'])('may be called %s', (name) => {
    expect([normalizeProvider(name, ''), frameworkInProvider(name)]).toEqual([
      name.toLowerCase(),
      undefined,
    ]);
  });
});

describe('a framework where the provider belongs', () => {
  test.each([
    ['strands-agents', 'strands'],
    ['autogen', 'autogen'],
    ['Langchain', 'langchain'],
    ['gcp.vertex.agent', 'google_adk'],
    ['crewai', 'crewai'],
    ['microsoft.agent_framework', 'microsoft_agent_framework'],
    ['llama_index', 'llama_index'],
    ['pydantic_ai', 'pydantic_ai'],
  ])('is told as one, and the model tells the provider: %s', (sent, framework) => {
    expect([frameworkInProvider(sent), normalizeProvider(sent, 'claude-sonnet-4-5')]).toEqual([
      framework,
      'anthropic',
    ]);
  });
});

describe('a model tells its provider', () => {
  test.each([
    ['gpt-4o', 'openai'],
    ['o3-mini', 'openai'],
    ['o3', 'openai'],
    ['text-embedding-3-small', 'openai'],
    ['openai/gpt-4o', 'openai'],
    ['claude-opus-4-6', 'anthropic'],
    ['anthropic/claude-haiku-4-5', 'anthropic'],
    ['us.anthropic.claude-sonnet-4-20250514-v1:0', 'aws.bedrock'],
    ['anthropic.claude-3-5-sonnet-20240620-v1:0', 'aws.bedrock'],
    ['bedrock/anthropic.claude-3', 'aws.bedrock'],
    ['azure/gpt-4o', 'azure.ai.openai'],
    ['vertex_ai/gemini-2.5-pro', 'gcp.vertex_ai'],
    ['vertexai/gemini-2.5-pro', 'gcp.vertex_ai'],
    ['googleai/gemini-2.5-flash', 'gcp.gemini'],
    ['models/gemini-2.5-pro', 'gcp.gemini'],
    ['mistral-large-latest', 'mistral_ai'],
    ['command-r-plus', 'cohere'],
    ['grok-4', 'x_ai'],
    ['deepseek-chat', 'deepseek'],
    ['sonar-pro', 'perplexity'],
    ['kimi-k2', 'moonshot_ai'],
    ['my-own-model', ''],
    ['octopus-1', ''],
    ['', ''],
  ])('%s → %j', (model, provider) => {
    expect(normalizeProvider('', model)).toBe(provider);
  });
});
