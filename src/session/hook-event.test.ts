import { expect, test } from 'vitest';

import type { JsonObject } from '../base/verifier.ts';
import { readHook } from './hook-event.ts';
import type { HookName, Provider } from './hook-event.ts';

const told = (provider: Provider, hook: HookName, payload: JsonObject) =>
  readHook(provider, hook, { session_id: 's', cwd: '/p', ...payload })!;

const said = (provider: Provider, hook: HookName, payload: JsonObject) =>
  told(provider, hook, payload).events.map(({ type, data }) => ({ type, ...data }));

test("a sub-agent's hooks name its own transcript, and those without its name end no session", () => {
  const paths = { transcript_path: '/t/s.jsonl', agent_transcript_path: '/t/s/agent-a1.jsonl' };
  const agent = { agent_id: 'a1', agent_type: 'Explore' };
  expect(told('claude', 'subagent-stop', { ...paths, ...agent })).toMatchObject({
    sessionId: 's.a1',
    parentSessionId: 's',
    agentName: 'Explore',
    transcriptPath: '/t/s/agent-a1.jsonl',
    events: [{ type: 'session_end' }],
  });
  expect(
    told('codex', 'pre-tool', { ...agent, ...paths, agent_transcript_path: null }),
  ).toMatchObject({ sessionId: 's.a1', transcriptPath: '' });
  expect(told('claude', 'subagent-stop', paths)).toMatchObject({
    sessionId: 's',
    transcriptPath: '/t/s.jsonl',
    events: [],
  });
  expect(said('claude', 'subagent-start', {})).toEqual([]);
});

test('a call that was not allowed, a compaction, an interruption and a failed turn are told of', () => {
  const denied = told('claude', 'permission-denied', {
    tool_name: 'Bash',
    tool_use_id: 't1',
    tool_input: { command: 'rm -rf /' },
    reason: 'outside the project',
  });
  const [call] = told('claude', 'pre-tool', { tool_name: 'Bash', tool_use_id: 't1' }).events;
  expect(denied.events).toEqual([
    {
      type: 'decision',
      parentId: call!.id,
      data: { decision: 'denied', tool_name: 'Bash', by: 'policy', reason: 'outside the project' },
    },
    {
      type: 'error',
      parentId: call!.id,
      data: { tool_name: 'Bash', error: 'outside the project', error_type: 'permission_denied' },
    },
  ]);
  expect(said('codex', 'compact', { trigger: 'auto', turn_id: 't' })).toEqual([
    { type: 'decision', decision: 'compaction', trigger: 'auto' },
  ]);
  expect(said('codex', 'interrupt', {})).toEqual([{ type: 'decision', decision: 'interrupted' }]);
  const failure = { error: 'rate_limit', error_details: '429 Too Many Requests' };
  expect(said('claude', 'stop-failure', failure)).toEqual([
    {
      type: 'error',
      error: '429 Too Many Requests',
      error_type: 'api_error',
      reason: 'rate_limit',
    },
  ]);
});

test('Gemini tells of an answer in pieces, and the last one counts', () => {
  const piece = (output: number, finishReason?: string): JsonObject => ({
    llm_request: { model: 'gemini-3-pro' },
    llm_response: {
      candidates: [
        { content: { role: 'model', parts: ['…'] }, ...(finishReason && { finishReason }) },
      ],
      usageMetadata: {
        promptTokenCount: 10,
        candidatesTokenCount: output,
        totalTokenCount: 10 + output,
      },
    },
  });
  const pieces = [piece(1), piece(5), piece(9, 'STOP')];
  expect(pieces.flatMap((each) => said('gemini', 'model-response', each))).toEqual([
    { type: 'llm_response', model: 'gemini-3-pro', input_tokens: 10, output_tokens: 9 },
  ]);
});
