import { describe, expect, test } from 'vitest';

import { DIALECTS } from './dialects.ts';
import { findEvent } from './told-events.ts';

const nameOf = (eventName: string, scopeName: string): string | undefined =>
  findEvent(eventName, scopeName, DIALECTS)?.name;

describe('an event that tells of a call', () => {
  test.each([
    ['api_request', 'com.anthropic.claude_code.events', 'claude_code.api_request'],
    ['claude_code.api_request', 'com.anthropic.claude_code.events', 'claude_code.api_request'],
    ['claude_code.tool_result', 'a collector’s own scope', 'claude_code.tool_result'],
    ['codex.sse_event', '', 'codex.sse_event'],
    ['gemini_cli.tool_call', 'gemini-cli', 'gemini_cli.tool_call'],
    [
      'gen_ai.client.inference.operation.details',
      'opentelemetry.instrumentation.openai_v2',
      'gen_ai.client.inference.operation.details',
    ],
  ])('%s of scope %s is %s', (eventName, scopeName, name) => {
    expect(nameOf(eventName, scopeName)).toBe(name);
  });

  test.each([
    ['api_request', 'my-own-service', 'a bare name from elsewhere'],
    ['claude_code.tool_decision', 'com.anthropic.claude_code.events', 'a decision'],
    ['gemini_cli.api_request', 'gemini-cli', 'a request without its answer'],
    ['gen_ai.client.inference.operation.details', 'gemini-cli', 'what the scope tells by its own'],
    ['', '', 'no name'],
    ['codex.toString', '', 'a name that objects have'],
  ])('is none in %s of scope %s: %s', (eventName, scopeName) => {
    expect(nameOf(eventName, scopeName)).toBeUndefined();
  });

  test('is read by the rules of its dialect, whatever the scope', () => {
    const gemini = findEvent('gemini_cli.api_response', '', DIALECTS);
    expect(gemini).toMatchObject({
      dialectId: 'gemini_cli',
      told: { operation: 'generate_content' },
      profile: { framework: 'gemini_cli', rule: { reasoningOutput: 'excluded' } },
    });
    expect(DIALECTS[gemini!.profile.dialect]!.id).toBe('gemini_cli');
  });
});
