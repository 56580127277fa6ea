import {
  asObject,
  asText,
  numberIn,
  objectIn,
  objectsOf,
  present,
  textIn,
} from '../session-event.ts';
import type { NewEvent } from '../session-event.ts';
import { eventIdOf, sessionIdOf } from '../session-id.ts';
import type { Json, JsonObject } from '../../base/verifier.ts';
import { fileEvents } from '../written-files.ts';
import { countUnread, timeNsOf } from './transcript.ts';
import type { Transcript, TranscriptLine, Unread } from './transcript.ts';

/**
 * Codex's transcripts: `rollout-*.jsonl` below `~/.codex/sessions`, a line `{timestamp, type, payload}` each. Its input
 * tokens include the cached ones, its output tokens the reasoning.
 */

const SILENT = new Set(['turn_context', 'compacted', 'ghost_snapshot', 'world_state']);

/** What of a rollout carries over to the lines behind, when it is read by parts. */
export interface CodexPlace {
  model: string;
  /** Token counts are told again at times; the running total tells. -1 before the first. */
  total: number;
}

/** What a rollout is at the line that is read. */
interface Reading {
  readonly sessionId: string;
  /** Prompts are told twice; as messages they come with what Codex adds to them. */
  readonly hasPrompts: boolean;
  readonly calls: Map<string, { name: string; input: JsonObject }>;
  readonly place: CodexPlace;
  requestNs: bigint | undefined;
}

export function readCodexTranscript(
  lines: readonly TranscriptLine[],
  fileName: string,
  unread: Unread,
): Transcript[] {
  const known = lines.filter((line): line is JsonObject => {
    if (line === undefined) countUnread(unread, 'lines that are no JSON');
    return line !== undefined;
  });
  const meta = objectIn(
    known.find((line) => textIn(line, 'type') === 'session_meta') ?? {},
    'payload',
  );
  const sessionId = sessionIdOf(textIn(meta, 'id') || fileName);
  const spawn = objectIn(objectIn(objectIn(meta, 'source'), 'subagent'), 'thread_spawn');
  const parent = textIn(spawn, 'parent_thread_id');
  return [
    {
      sessionId,
      provider: 'codex',
      agentName: textIn(spawn, 'agent_role') || 'codex',
      cwd: textIn(meta, 'cwd'),
      parentSessionId: parent === '' ? '' : sessionIdOf(parent),
      parentEventId: '',
      events: codexEvents(sessionId, known, unread),
    },
  ];
}

/** Leaves in `place` what the next lines need. */
export function codexEvents(
  sessionId: string,
  lines: readonly JsonObject[],
  unread: Unread,
  place: CodexPlace = { model: '', total: -1 },
): NewEvent[] {
  const reading: Reading = {
    sessionId,
    hasPrompts: lines.some((line) => textIn(objectIn(line, 'payload'), 'type') === 'user_message'),
    calls: new Map(),
    place,
    requestNs: undefined,
  };
  return lines.flatMap((line) => {
    const timeNs = timeNsOf(line['timestamp']);
    const payload = objectIn(line, 'payload');
    const type = textIn(line, 'type');
    if (type === 'turn_context') place.model = textIn(payload, 'model') || place.model;
    if (type === 'event_msg') return messageEvents(reading, payload, timeNs);
    if (type === 'response_item') return itemEvents(reading, payload, timeNs);
    if (type === 'session_meta') return [];
    if (!SILENT.has(type)) countUnread(unread, `lines of the unknown type ${JSON.stringify(type)}`);
    return [];
  });
}

function messageEvents(
  reading: Reading,
  payload: JsonObject,
  timeNs: bigint | undefined,
): NewEvent[] {
  switch (textIn(payload, 'type')) {
    case 'user_message':
      reading.requestNs = timeNs;
      return [{ type: 'user_prompt', timeNs, data: { prompt: textIn(payload, 'message') } }];
    case 'token_count':
      return usageEvents(reading, objectIn(payload, 'info'), timeNs);
    case 'error':
    case 'stream_error': {
      const data = { error: textIn(payload, 'message'), error_type: 'api_error' };
      return [{ type: 'error', timeNs, data }];
    }
    case 'turn_aborted': {
      const data = present({ decision: 'interrupted', reason: textIn(payload, 'reason') });
      return [{ type: 'decision', timeNs, data }];
    }
    default:
      return [];
  }
}

function usageEvents(reading: Reading, info: JsonObject, timeNs: bigint | undefined): NewEvent[] {
  const last = objectIn(info, 'last_token_usage');
  const total = numberIn(objectIn(info, 'total_token_usage'), 'total_tokens') ?? 0;
  const { place, sessionId } = reading;
  if (numberIn(last, 'total_tokens') === undefined || total === place.total) return [];
  place.total = total;
  const { model } = place;
  // The same wherever reading began.
  const request = eventIdOf(sessionId, `request/${timeNs ?? ''}/${total}`);
  const data = present({
    model,
    input_tokens: numberIn(last, 'input_tokens'),
    output_tokens: numberIn(last, 'output_tokens'),
    cache_read_tokens: numberIn(last, 'cached_input_tokens'),
    reasoning_tokens: numberIn(last, 'reasoning_output_tokens'),
  });
  const startNs = reading.requestNs ?? timeNs;
  reading.requestNs = timeNs;
  return [
    { type: 'llm_request', id: request, timeNs: startNs, data: present({ model }) },
    { type: 'llm_response', parentId: request, timeNs, data },
  ];
}

function itemEvents(reading: Reading, item: JsonObject, timeNs: bigint | undefined): NewEvent[] {
  switch (textIn(item, 'type')) {
    case 'message':
      return spokenEvents(reading, item, timeNs);
    case 'function_call':
    case 'custom_tool_call':
    case 'local_shell_call':
      return [callEvent(reading, item, timeNs)];
    case 'function_call_output':
    case 'custom_tool_call_output':
      reading.requestNs = timeNs;
      return resultEvents(reading, item, timeNs);
    case 'web_search_call': {
      const data = { tool_name: 'web_search', arguments: objectIn(item, 'action') };
      return [{ type: 'tool_call', timeNs, data }];
    }
    default:
      return [];
  }
}

function spokenEvents(reading: Reading, item: JsonObject, timeNs: bigint | undefined): NewEvent[] {
  const text = objectsOf(item['content'])
    .map((part) => textIn(part, 'text'))
    .join('\n');
  if (textIn(item, 'role') === 'assistant') {
    return [{ type: 'assistant_response', timeNs, data: { text } }];
  }
  // What stands in angle brackets is context that Codex adds.
  if (textIn(item, 'role') !== 'user' || reading.hasPrompts || /^\s*<\w+/.test(text)) return [];
  reading.requestNs = timeNs;
  return [{ type: 'user_prompt', timeNs, data: { prompt: text } }];
}

function callEvent(reading: Reading, item: JsonObject, timeNs: bigint | undefined): NewEvent {
  const callId = textIn(item, 'call_id') || textIn(item, 'id');
  const name = textIn(item, 'name') || 'local_shell';
  const told = item['arguments'] ?? item['input'] ?? item['action'] ?? {};
  const input = asObject(told) ?? parsed(asText(told));
  reading.calls.set(callId, { name, input });
  const data = present({ tool_name: name, arguments: input, tool_use_id: callId });
  return { type: 'tool_call', id: eventIdOf(reading.sessionId, callId), timeNs, data };
}

function parsed(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text) as Json) ?? { input: text };
  } catch {
    return { input: text };
  }
}

function resultEvents(reading: Reading, item: JsonObject, timeNs: bigint | undefined): NewEvent[] {
  const callId = textIn(item, 'call_id');
  const call = reading.calls.get(callId) ?? { name: '', input: {} };
  const parentId = eventIdOf(reading.sessionId, callId);
  const told = item['output'];
  const answer = asObject(told) ?? answerIn(asText(told));
  const meta = objectIn(answer ?? {}, 'metadata');
  const result = asText(answer?.['output'] ?? answer?.['content'] ?? told);
  const exit = numberIn(meta, 'exit_code') ?? exitCodeIn(result);
  const seconds = numberIn(meta, 'duration_seconds');
  const common = {
    parentId,
    timeNs,
    durationMs: seconds === undefined ? undefined : seconds * 1000,
  };
  if (answer?.['success'] === false || (exit !== undefined && exit !== 0)) {
    const data = present({
      tool_name: call.name,
      error: result,
      error_type: 'tool_error',
      exit_code: exit,
    });
    return [{ ...common, type: 'error', data }];
  }
  return [
    { ...common, type: 'tool_result', data: present({ tool_name: call.name, result }) },
    ...fileEvents({ tool: call.name, input: call.input }, { parentId, timeNs }),
  ];
}

function answerIn(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined;
  const value = parsed(text);
  return 'output' in value ? value : undefined;
}

const exitCodeIn = (text: string): number | undefined => {
  const code = /^(?:Exit code:|Process exited with code) (\d{1,5})$/m.exec(
    text.slice(0, 2_000),
  )?.[1];
  return code === undefined ? undefined : Number(code);
};
