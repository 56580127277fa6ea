import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { openSigningKey } from '../base/signing-key.ts';
import type { HookCapture, Provider } from './hook-event.ts';
import { readModelCalls } from './read-model-calls.ts';
import { appendEvents, createSession } from './session-writer.ts';

let folder: string;
let session: string;
let told: HookCapture;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-calls-'));
  session = createSession(folder, {
    session_id: 's',
    agent_name: 'agent',
    started_at_ns: '1',
    parent_session_id: '',
    parent_event_id: '',
    provider: 'claude',
    source: 'hook',
    command: '',
    cwd: folder,
    redacted: true,
    format: 1,
  });
  told = {
    sessionId: 's',
    parentSessionId: '',
    agentName: 'agent',
    cwd: folder,
    transcriptPath: join(folder, 'transcript.jsonl'),
    events: [],
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...lines: object[]): void =>
  appendFileSync(told.transcriptPath, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

const claudeAnswer = (id: string, output = 2) => ({
  type: 'assistant',
  sessionId: 's',
  timestamp: '2026-11-20T12:00:00Z',
  message: {
    id,
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: `said in ${id}` }],
    usage: { input_tokens: 1, output_tokens: output },
  },
});

/** What a hook does, as far as the point where it is killed. */
function hook(killed: 'before storing' | 'after storing' | 'never', provider: Provider = 'claude') {
  const { events, settle } = readModelCalls(session, told, provider);
  if (killed === 'before storing') return;
  const key = openSigningKey(join(folder, 'key.pem'));
  appendEvents(session, events, { key, nowNs: () => 1n });
  if (killed === 'never') settle();
}

const stored = () =>
  readFileSync(join(session, 'events.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event_type: string; event_id: string; data: object });

test.each(['before storing', 'after storing'] as const)(
  'a hook that is killed %s loses no call and makes no second one',
  (killed) => {
    write(claudeAnswer('m1'));
    hook('never');
    write(claudeAnswer('m2'));
    hook(killed);
    hook(killed);
    write(claudeAnswer('m3'));
    hook('never');
    hook('never');
    const answers = stored().filter(({ event_type: type }) => type === 'llm_response');
    expect(answers.map(({ data }) => (data as { response_id: string }).response_id)).toEqual([
      'm1',
      'm2',
      'm3',
    ]);
    const texts = stored().filter(({ event_type: type }) => type === 'assistant_response');
    expect(texts).toHaveLength(3);
  },
);

test('a message that goes on after a hook read it has its request once and its last figures', () => {
  for (const output of [2, 7, 7, 31]) {
    write(claudeAnswer('m1', output));
    hook('never');
  }
  write(claudeAnswer('m1', 40), claudeAnswer('m2', 5));
  hook('after storing');
  hook('never');
  const calls = stored().filter(({ event_type: type }) => type.startsWith('llm_'));
  const tokens = calls.map(({ data }) => (data as { output_tokens?: number }).output_tokens);
  expect(calls.map(({ event_type: type }) => type)).toEqual([
    'llm_request',
    ...Array.from({ length: 4 }, () => 'llm_response'),
    'llm_request',
    'llm_response',
  ]);
  expect(tokens).toEqual([undefined, 2, 5, 24, 9, undefined, 5]);
  expect(new Set(calls.map(({ event_id: id }) => id)).size).toBe(calls.length);
});

test('a rollout of Codex that is read turn by turn keeps its model, counts once and names each call', () => {
  const counted = (total: number) => ({
    timestamp: `2026-11-20T12:00:${total / 10}Z`,
    type: 'event_msg',
    payload: {
      type: 'token_count',
      info: {
        total_token_usage: { total_tokens: total },
        last_token_usage: { total_tokens: 100, input_tokens: 90, output_tokens: 10 },
      },
    },
  });
  write({ type: 'turn_context', payload: { model: 'gpt-5-codex' } }, counted(100));
  hook('never', 'codex');
  write(counted(100), counted(200));
  hook('never', 'codex');
  write(counted(300));
  hook('never', 'codex');
  const requests = stored().filter(({ event_type: type }) => type === 'llm_request');
  expect(requests.map(({ data }) => data)).toEqual(
    Array.from({ length: 3 }, () => ({ model: 'gpt-5-codex' })),
  );
  expect(new Set(requests.map(({ event_id: id }) => id)).size).toBe(3);
});
