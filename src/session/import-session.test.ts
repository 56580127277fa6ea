import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { START_NS, startRecording } from '../../test/fixtures/sessions/recorded.ts';
import type { Recording } from '../../test/fixtures/sessions/recorded.ts';
import { discoverTranscripts, importTranscript } from './import-session.ts';
import { findSession, listSessions, readEvents } from './read-session.ts';
import { asText } from './session-event.ts';
import { summarizeSession } from './session-summary.ts';
import { treeOf } from './session-tree.ts';
import { verifySession } from './verify-session.ts';

let recording: Recording;
beforeEach(() => (recording = startRecording()));
afterEach(() => rmSync(recording.folder, { recursive: true }));

const lines = (...objects: unknown[]): string =>
  objects.map((each) => `${JSON.stringify(each)}\n`).join('');

function importText(name: string, text: string) {
  const file = join(recording.folder, name);
  writeFileSync(file, text);
  return importTranscript(file, recording.root, { key: recording.key, nowNs: () => START_NS });
}

const told = (id: string) =>
  [...readEvents(findSession({ root: recording.root }, id))].map(({ data, type }) => {
    const what =
      data['tool_name'] ??
      data['prompt'] ??
      data['text'] ??
      data['decision'] ??
      data['model'] ??
      data['error'] ??
      '';
    return data['path'] === undefined
      ? `${type} ${asText(what)}`
      : `${type} ${asText(data['path'])}`;
  });

const at = (second: number): string => `2026-11-20T12:00:${String(second).padStart(2, '0')}.500Z`;

/** Shapes as Claude Code writes them: usage on each line of a message, the cache apart, side chains beside. */
function claudeLines() {
  const base = {
    sessionId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    cwd: '/p',
    version: '2.1.0',
    isSidechain: false,
  };
  const usage = {
    input_tokens: 10,
    cache_creation_input_tokens: 300,
    cache_read_input_tokens: 700,
    output_tokens: 1,
    cache_creation: { ephemeral_1h_input_tokens: 300 },
  };
  const message = (id: string, content: unknown[], output: number) => ({
    id,
    role: 'assistant',
    model: 'claude-sonnet-4-5-20250929',
    content,
    stop_reason: 'tool_use',
    usage: { ...usage, output_tokens: output },
  });
  const result = (id: string, content: unknown, rest: object = {}) => ({
    type: 'tool_result',
    tool_use_id: id,
    content,
    ...rest,
  });
  return [
    { type: 'summary', summary: 'earlier' },
    {
      ...base,
      type: 'user',
      timestamp: at(0),
      message: { role: 'user', content: 'Mend the build' },
    },
    {
      ...base,
      type: 'assistant',
      timestamp: at(1),
      message: message('m1', [{ type: 'thinking', thinking: '…' }], 1),
    },
    {
      ...base,
      type: 'assistant',
      timestamp: at(2),
      message: message('m1', [{ type: 'text', text: 'I look.' }], 5),
    },
    {
      ...base,
      type: 'assistant',
      timestamp: at(3),
      message: message(
        'm1',
        [
          {
            type: 'tool_use',
            id: 'w1',
            name: 'Write',
            input: { file_path: '/p/a.ts', content: 'x' },
          },
        ],
        90,
      ),
    },
    {
      ...base,
      type: 'user',
      timestamp: at(4),
      message: { role: 'user', content: [result('w1', 'written')] },
      toolUseResult: {},
    },
    {
      ...base,
      type: 'assistant',
      timestamp: at(5),
      message: message(
        'm2',
        [{ type: 'tool_use', id: 'b1', name: 'Bash', input: { command: 'rm -rf x > log.txt' } }],
        20,
      ),
    },
    {
      ...base,
      type: 'user',
      timestamp: at(6),
      message: {
        role: 'user',
        content: [
          result('b1', "The user doesn't want to proceed with this tool use.", { is_error: true }),
        ],
      },
    },
    {
      ...base,
      type: 'assistant',
      timestamp: at(7),
      message: message(
        'm3',
        [
          {
            type: 'tool_use',
            id: 'k1',
            name: 'Task',
            input: { subagent_type: 'reviewer', prompt: 'Review' },
          },
        ],
        20,
      ),
    },
    {
      ...base,
      type: 'user',
      isSidechain: true,
      agentId: 'a7',
      timestamp: at(8),
      message: { role: 'user', content: 'Review' },
    },
    {
      ...base,
      type: 'assistant',
      isSidechain: true,
      agentId: 'a7',
      timestamp: at(9),
      message: message('m4', [{ type: 'text', text: 'Fine.' }], 7),
    },
    {
      ...base,
      type: 'user',
      timestamp: at(10),
      message: { role: 'user', content: [result('k1', [{ type: 'text', text: 'Fine.' }])] },
      toolUseResult: { agentId: 'a7' },
    },
    { ...base, type: 'system', subtype: 'compact_boundary', timestamp: at(11) },
    { ...base, type: 'hologram', timestamp: at(12) },
    {
      ...base,
      type: 'assistant',
      timestamp: at(13),
      message: {
        id: 'e1',
        role: 'assistant',
        model: '<synthetic>',
        content: [{ type: 'text', text: 'API Error: 529' }],
      },
      isApiErrorMessage: true,
    },
  ];
}
const CLAUDE_ID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

describe('Claude Code', () => {
  test('a transcript becomes a session and one of its sub-agent, each token counted once', () => {
    const result = importText('t.jsonl', `${lines(...claudeLines())}{"type":"user","mess`);
    expect(result.unread).toEqual({
      'a last line that is not whole': 1,
      'lines of the unknown type "hologram"': 1,
    });
    expect(told(CLAUDE_ID)).toEqual([
      'session_start ',
      'user_prompt Mend the build',
      'llm_request claude-sonnet-4-5-20250929',
      'llm_response claude-sonnet-4-5-20250929',
      'assistant_response I look.',
      'tool_call Write',
      'tool_result Write',
      'file_write /p/a.ts',
      'llm_request claude-sonnet-4-5-20250929',
      'llm_response claude-sonnet-4-5-20250929',
      'tool_call Bash',
      'decision Bash',
      'error Bash',
      'llm_request claude-sonnet-4-5-20250929',
      'llm_response claude-sonnet-4-5-20250929',
      'tool_call Task',
      'tool_result Task',
      'decision compaction',
      'error API Error: 529',
      'session_end ',
    ]);
    const session = findSession({ root: recording.root }, CLAUDE_ID);
    // Three calls of 10 + 300 + 700 in; 90, 20 and 20 out.
    expect(summarizeSession(session)).toMatchObject({
      inputTokens: 3030,
      outputTokens: 130,
      cacheReadTokens: 2100,
      cacheWriteTokens: 900,
      modelCalls: 3,
      toolErrors: 1,
      filesWritten: ['/p/a.ts'],
    });
    expect(verifySession(session)).toMatchObject({ ok: true });
    const tree = treeOf(session, listSessions({ root: recording.root }));
    const task = tree.children.find(({ name }) => name === 'Task');
    expect(task?.children.map(({ kind, name }) => [kind, name])).toEqual([
      ['session', `reviewer ${CLAUDE_ID}.a7`],
    ]);
  });

  test('one that went on is completed, and one whose import was broken off is read', () => {
    const text = lines(...claudeLines());
    const whole = importText('whole.jsonl', text).sessions.map(({ id }) => told(id));
    rmSync(recording.root, { recursive: true });
    const half = text.split('\n').slice(0, 3).join('\n');
    const [first] = importText('t.jsonl', `${half}\n`).sessions;
    const directory = join(recording.root, first!.id);
    for (const name of ['events.ndjson', 'head.json']) rmSync(join(directory, name));
    expect(importText('t.jsonl', `${half}\n`).sessions[0]).toEqual({ ...first, known: false });
    const { sessions } = importText('t.jsonl', text);
    expect(sessions[0]).toMatchObject({ id: first!.id, known: true });
    const [completed, sub] = sessions.map(({ id }) =>
      told(id).filter((line) => !/^session_(?:start|end)/.test(line)),
    );
    const [wholeMain, wholeSub] = whole.map((all) => all.slice(1, -1));
    // The first message of the model had used less when it was read.
    const more = 'llm_response claude-sonnet-4-5-20250929';
    expect([completed!.toSorted(), sub]).toEqual([[...wholeMain!, more].toSorted(), wholeSub]);
    expect(verifySession(findSession({ root: recording.root }, first!.id)).ok).toBe(true);
    expect(importText('t.jsonl', text).sessions.map(({ events }) => events)).toEqual([0, 0]);
  });

  test('a message that grew since it was imported is counted once, with its last figures', () => {
    const all = claudeLines();
    const figures = () => {
      const session = findSession({ root: recording.root }, CLAUDE_ID);
      const { inputTokens, outputTokens, cacheWriteTokens, modelCalls, cost } =
        summarizeSession(session);
      const { ok } = verifySession(session);
      return { inputTokens, outputTokens, cacheWriteTokens, modelCalls, cost, ok };
    };
    importText('t.jsonl', lines(...all));
    const whole = figures();
    rmSync(recording.root, { recursive: true });
    // As far as the first, the second and the third line of the same message, and each time once more.
    for (const [count, output] of [
      [3, 1],
      [4, 5],
      [5, 90],
    ] as const) {
      const text = lines(...all.slice(0, count));
      importText('t.jsonl', text);
      expect(importText('t.jsonl', text).sessions[0]!.events).toBe(0);
      expect(figures()).toMatchObject({ outputTokens: output, inputTokens: 1010, modelCalls: 1 });
    }
    importText('t.jsonl', lines(...all));
    expect(figures()).toEqual(whole);
    expect(whole).toMatchObject({ outputTokens: 130, modelCalls: 3, ok: true });
  });

  test('reading it again changes nothing', () => {
    importText('t.jsonl', lines(...claudeLines()));
    const again = importText('t.jsonl', lines(...claudeLines()));
    expect(again.sessions).toEqual([
      { id: CLAUDE_ID, events: 0, known: true },
      { id: `${CLAUDE_ID}.a7`, events: 0, known: true },
    ]);
  });

  test('sub-agents in files of their own belong to the call that started them', () => {
    const folder = join(recording.folder, CLAUDE_ID, 'subagents');
    mkdirSync(folder, { recursive: true });
    const main = claudeLines().filter((line) => !('isSidechain' in line && line.isSidechain));
    const side = claudeLines().filter((line) => 'isSidechain' in line && line.isSidechain);
    writeFileSync(join(folder, 'agent-a7.jsonl'), lines(...side));
    const { sessions } = importText(`${CLAUDE_ID}.jsonl`, lines(...main));
    expect(sessions.map(({ id }) => id)).toEqual([CLAUDE_ID, `${CLAUDE_ID}.a7`]);
    const all = listSessions({ root: recording.root });
    const call = [...readEvents(all[0]!)].find(({ data }) => data['tool_name'] === 'Task');
    expect(all[1]!.meta).toMatchObject({ parent_session_id: CLAUDE_ID, parent_event_id: call!.id });
  });
});

test('Codex: a rollout with tool calls, patches, counts told twice and an interruption', () => {
  const line = (second: number, type: string, payload: object) => ({
    timestamp: at(second),
    type,
    payload,
  });
  const usage = (total: number, last: object) => ({
    type: 'token_count',
    info: {
      total_token_usage: { total_tokens: total },
      last_token_usage: { ...last, total_tokens: total },
    },
  });
  const counted = usage(1200, {
    input_tokens: 1000,
    cached_input_tokens: 600,
    output_tokens: 200,
    reasoning_output_tokens: 50,
  });
  const { unread } = importText(
    'rollout-1.jsonl',
    lines(
      line(0, 'session_meta', { id: 'codex-1', cwd: '/p', cli_version: '0.60.0' }),
      line(0, 'turn_context', { model: 'gpt-5-codex', cwd: '/p' }),
      line(1, 'response_item', {
        type: 'message',
        role: 'user',
        content: [{ type: 'input_text', text: '<environment_context>' }],
      }),
      line(1, 'event_msg', { type: 'user_message', message: 'Add a test' }),
      line(2, 'response_item', { type: 'reasoning', summary: [] }),
      line(3, 'response_item', {
        type: 'function_call',
        name: 'shell',
        arguments: '{"command":["bash","-lc","echo hi > out.txt"]}',
        call_id: 'c1',
      }),
      line(3, 'event_msg', counted),
      line(3, 'event_msg', counted),
      line(4, 'response_item', {
        type: 'function_call_output',
        call_id: 'c1',
        output: '{"output":"ok","metadata":{"exit_code":0,"duration_seconds":0.5}}',
      }),
      line(5, 'response_item', {
        type: 'custom_tool_call',
        name: 'apply_patch',
        input: '*** Begin Patch\n*** Update File: a.ts\n*** End Patch',
        call_id: 'c2',
      }),
      line(6, 'response_item', {
        type: 'custom_tool_call_output',
        call_id: 'c2',
        output: '{"output":"no match","metadata":{"exit_code":1}}',
      }),
      line(7, 'response_item', {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Done.' }],
      }),
      line(8, 'event_msg', { type: 'turn_aborted', reason: 'interrupted' }),
    ),
  );
  expect(unread).toEqual({});
  expect(told('codex-1')).toEqual([
    'session_start ',
    'user_prompt Add a test',
    'tool_call shell',
    'llm_request gpt-5-codex',
    'llm_response gpt-5-codex',
    'tool_result shell',
    'file_write out.txt',
    'tool_call apply_patch',
    'error apply_patch',
    'assistant_response Done.',
    'decision interrupted',
    'session_end ',
  ]);
  expect(summarizeSession(findSession({ root: recording.root }, 'codex-1'))).toMatchObject({
    inputTokens: 1000,
    outputTokens: 200,
    cacheReadTokens: 600,
    models: ['gpt-5-codex'],
  });
});

test.each(['json', 'jsonl'])('Gemini CLI: a chat as %s, thoughts counted as output', (form) => {
  const head = {
    sessionId: `gemini-${form}`,
    projectHash: 'x',
    startTime: at(0),
    lastUpdated: at(9),
  };
  const answer = {
    id: '2',
    timestamp: at(2),
    type: 'gemini',
    content: 'I write it.',
    model: 'gemini-2.5-pro',
    tokens: { input: 500, output: 40, cached: 100, thoughts: 10, tool: 0, total: 550 },
    toolCalls: [
      {
        id: 't1',
        name: 'write_file',
        args: { file_path: '/p/b.ts' },
        status: 'success',
        timestamp: at(3),
        resultDisplay: 'ok',
      },
      {
        id: 't2',
        name: 'run_shell_command',
        args: { command: 'make' },
        status: 'cancelled',
        timestamp: at(4),
      },
    ],
  };
  const messages = [
    { id: '1', timestamp: at(1), type: 'user', content: 'Write b' },
    answer,
    { id: '3', timestamp: at(5), type: 'info', content: 'x' },
  ];
  const text =
    form === 'json'
      ? JSON.stringify({ ...head, messages })
      : lines(head, messages[0], { ...answer, toolCalls: [] }, answer, messages[2]);
  importText(`session-1.${form}`, text);
  expect(told(`gemini-${form}`)).toEqual([
    'session_start ',
    'user_prompt Write b',
    'llm_request gemini-2.5-pro',
    'llm_response gemini-2.5-pro',
    'assistant_response I write it.',
    'tool_call write_file',
    'tool_result write_file',
    'file_write /p/b.ts',
    'tool_call run_shell_command',
    'error run_shell_command',
    'session_end ',
  ]);
  expect(summarizeSession(findSession({ root: recording.root }, `gemini-${form}`))).toMatchObject({
    inputTokens: 500,
    outputTokens: 50,
  });
});

test('what is no transcript is refused with its name', () => {
  expect(() => importText('x.jsonl', 'hello\n')).toThrow(
    'x.jsonl is no transcript of Claude Code, Codex or Gemini CLI',
  );
});

test('transcripts are discovered where command lines keep them', () => {
  const home = recording.folder;
  for (const file of [
    '.claude/projects/-p/a.jsonl',
    '.claude/projects/-p/a/subagents/agent-b.jsonl',
    '.codex/sessions/2026/11/20/rollout-x.jsonl',
    '.gemini/tmp/h/chats/session-1.json',
    '.gemini/tmp/h/logs.json',
  ]) {
    mkdirSync(join(home, file, '..'), { recursive: true });
    writeFileSync(join(home, file), '');
  }
  expect(discoverTranscripts(home).map((file) => file.slice(home.length + 1))).toEqual([
    '.claude/projects/-p/a.jsonl',
    '.codex/sessions/2026/11/20/rollout-x.jsonl',
    '.gemini/tmp/h/chats/session-1.json',
  ]);
});
