import { eventIdOf, sessionIdOf } from './session-id.ts';
import {
  asObject,
  asText,
  numberIn,
  objectIn,
  objectsOf,
  present,
  textIn,
} from './session-event.ts';
import type { NewEvent } from './session-event.ts';
import type { Json, JsonObject } from '../base/verifier.ts';
import { fileEvents } from './written-files.ts';

export const PROVIDERS = ['claude', 'codex', 'gemini', 'cursor'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** What hooks are called on the command line. */
export const HOOK_NAMES = [
  'session-start',
  'session-end',
  'user-prompt',
  'pre-tool',
  'post-tool',
  'post-tool-failure',
  'subagent-start',
  'subagent-stop',
  'model-response',
  'agent-response',
  'file-edit',
  'permission-denied',
  'compact',
  'interrupt',
  'stop-failure',
  'stop',
] as const;
export type HookName = (typeof HOOK_NAMES)[number];

/** What a hook tells, in our words. */
export interface HookCapture {
  readonly sessionId: string;
  /** Of the session that started this one as a sub-agent; '' for none. */
  readonly parentSessionId: string;
  readonly agentName: string;
  readonly cwd: string;
  readonly transcriptPath: string;
  readonly events: readonly NewEvent[];
  /** A tool call without a name of its own: the result finds its call by looking back. */
  readonly looseResultOf?: { readonly tool: string; readonly arguments: Json } | undefined;
}

const AGENT_NAMES: Readonly<Record<Provider, string>> = {
  claude: 'claude-code',
  codex: 'codex',
  gemini: 'gemini-cli',
  cursor: 'cursor',
};

/** Reads what a command line passes to its hooks; undefined when it says of no session. Unknown fields are left alone. */
export function readHook(
  provider: Provider,
  hook: HookName,
  payload: JsonObject,
): HookCapture | undefined {
  const name = textIn(payload, 'session_id') || textIn(payload, 'conversation_id');
  if (name === '') return undefined;
  const main = sessionIdOf(name);
  const agent = agentIn(payload);
  const isSub = agent !== '' && hook !== 'subagent-start';
  const sessionId = agent === '' ? main : sessionIdOf(`${main}.${agent}`);
  const tool = toolOf(hook, payload);
  const base = {
    sessionId,
    parentSessionId: agent === '' ? '' : main,
    agentName:
      isSub || agent !== '' ? textIn(payload, 'agent_type') || 'sub-agent' : AGENT_NAMES[provider],
    cwd: textIn(payload, 'cwd') || asText(asList(payload['workspace_roots'])[0]),
    // A sub-agent's hooks name the transcript of the session that started it, and its own beside.
    transcriptPath: textIn(payload, agent === '' ? 'transcript_path' : 'agent_transcript_path'),
  };
  // Without the sub-agent's name it would be the session's own beginning or end.
  const isNameless = hook.startsWith('subagent') && agent === '';
  const events = isNameless ? [] : eventsOf(sessionId, hook, payload, tool);
  const loose = tool !== undefined && tool.callId === '' && hook !== 'pre-tool';
  return {
    ...base,
    events,
    ...(loose && { looseResultOf: { tool: tool.name, arguments: tool.input } }),
  };
}

const agentIn = (payload: JsonObject): string =>
  textIn(payload, 'agent_id') || textIn(payload, 'subagent_id');

interface HookTool {
  readonly name: string;
  readonly input: JsonObject;
  readonly callId: string;
}

const asList = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

/** Tools, and what Cursor tells of as events of their own. */
function toolOf(hook: HookName, payload: JsonObject): HookTool | undefined {
  if (!/^(?:pre-tool|post-tool|permission-denied)/.test(hook)) return undefined;
  const told = payload['tool_input'];
  const parsed = typeof told === 'string' ? parsedObject(told) : asObject(told);
  const command = textIn(payload, 'command');
  return {
    name: textIn(payload, 'tool_name') || (command === '' ? 'unknown' : 'Shell'),
    input: parsed ?? (command === '' ? {} : { command }),
    callId: textIn(payload, 'tool_use_id') || textIn(payload, 'tool_call_id'),
  };
}

function parsedObject(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text) as Json) ?? { input: text };
  } catch {
    return { input: text };
  }
}

function eventsOf(
  sessionId: string,
  hook: HookName,
  payload: JsonObject,
  tool: HookTool | undefined,
): NewEvent[] {
  const model = textIn(payload, 'model');
  switch (hook) {
    case 'session-start':
    case 'subagent-start':
      return [
        {
          type: 'session_start',
          data: present({ source: textIn(payload, 'source') || textIn(payload, 'trigger'), model }),
        },
      ];
    case 'session-end':
    case 'subagent-stop':
      return [{ type: 'session_end', data: present({ reason: textIn(payload, 'reason') }) }];
    case 'user-prompt':
      return [{ type: 'user_prompt', data: { prompt: textIn(payload, 'prompt') } }];
    case 'pre-tool':
      return callEvents(sessionId, tool!, payload);
    case 'post-tool':
    case 'post-tool-failure':
      return resultEvents(sessionId, hook, tool!, payload);
    case 'agent-response': {
      const text = textIn(payload, 'text') || textIn(payload, 'prompt_response');
      return text === '' ? [] : [{ type: 'assistant_response', data: { text } }];
    }
    case 'model-response':
      return modelEvents(payload);
    case 'file-edit':
      return [
        { type: 'file_write', data: { path: textIn(payload, 'file_path'), tool_name: 'Edit' } },
      ];
    case 'permission-denied':
      return deniedEvents(sessionId, tool!, payload);
    case 'compact':
    case 'interrupt':
    case 'stop-failure':
      return [turnEvent(hook, payload)];
    case 'stop':
      return [];
  }
}

/** What becomes of a turn. */
function turnEvent(hook: 'compact' | 'interrupt' | 'stop-failure', payload: JsonObject): NewEvent {
  if (hook === 'interrupt') return { type: 'decision', data: { decision: 'interrupted' } };
  if (hook === 'compact') {
    const trigger = textIn(payload, 'trigger');
    return { type: 'decision', data: present({ decision: 'compaction', trigger }) };
  }
  const reason = textIn(payload, 'error');
  const error =
    textIn(payload, 'last_assistant_message') || textIn(payload, 'error_details') || reason;
  return { type: 'error', data: present({ error, error_type: 'api_error', reason }) };
}

/** A call that was not allowed does not happen: that is a decision, and the call's end. */
function deniedEvents(sessionId: string, tool: HookTool, payload: JsonObject): NewEvent[] {
  const parentId = tool.callId === '' ? undefined : eventIdOf(sessionId, tool.callId);
  const reason = textIn(payload, 'reason');
  const decision = present({ decision: 'denied', tool_name: tool.name, by: 'policy', reason });
  const error = present({
    tool_name: tool.name,
    error: reason || 'the call was not allowed',
    error_type: 'permission_denied',
  });
  return [
    { type: 'decision', parentId, data: decision },
    { type: 'error', parentId, data: error },
  ];
}

function callEvents(sessionId: string, tool: HookTool, payload: JsonObject): NewEvent[] {
  const id = tool.callId === '' ? undefined : eventIdOf(sessionId, tool.callId);
  const data = present({
    tool_name: tool.name,
    arguments: tool.input,
    tool_use_id: tool.callId,
    permission_mode: textIn(payload, 'permission_mode'),
  });
  return [{ type: 'tool_call', id, data }];
}

function resultEvents(
  sessionId: string,
  hook: HookName,
  tool: HookTool,
  payload: JsonObject,
): NewEvent[] {
  const parentId = tool.callId === '' ? undefined : eventIdOf(sessionId, tool.callId);
  const response =
    payload['tool_response'] ??
    payload['tool_output'] ??
    payload['output'] ??
    payload['result_json'];
  const failure = failureOf(hook, payload, response);
  const durationMs = numberIn(payload, 'duration') ?? numberIn(payload, 'duration_ms');
  const common = { parentId, durationMs };
  if (failure !== undefined) {
    return [{ ...common, type: 'error', data: present({ tool_name: tool.name, ...failure }) }];
  }
  const result: NewEvent = {
    ...common,
    type: 'tool_result',
    data: { tool_name: tool.name, result: response ?? null },
  };
  return [result, ...fileEvents({ tool: tool.name, input: tool.input }, { parentId })];
}

/** What a result says of a failure; undefined when it says of none. */
function failureOf(
  hook: HookName,
  payload: JsonObject,
  response: Json | undefined,
): { error: string; error_type: string } | undefined {
  const told = textIn(payload, 'error') || textIn(payload, 'error_message');
  const answer = asObject(response);
  const inside = answer === undefined ? '' : asText(answer['error']);
  const isError =
    answer?.['is_error'] === true || answer?.['isError'] === true || answer?.['success'] === false;
  if (hook !== 'post-tool-failure' && inside === '' && !isError) return undefined;
  return {
    error: told || inside || asText(response),
    error_type: textIn(payload, 'failure_type') || textIn(payload, 'error_type') || 'tool_error',
  };
}

/** Gemini tells of each answer of a model, with its tokens. */
function modelEvents(payload: JsonObject): NewEvent[] {
  const request = objectIn(payload, 'llm_request');
  const response = objectIn(payload, 'llm_response');
  const usage = objectIn(response, 'usageMetadata');
  // Answers come in pieces, each with the counts so far; the last one says why it is the last.
  const candidates = objectsOf(response['candidates']);
  const isPiece =
    candidates.length > 0 && candidates.every((each) => textIn(each, 'finishReason') === '');
  if (isPiece || numberIn(usage, 'totalTokenCount') === undefined) return [];
  const output = numberIn(usage, 'candidatesTokenCount');
  const thoughts = numberIn(usage, 'thoughtsTokenCount');
  const data = present({
    model: textIn(request, 'model'),
    input_tokens: numberIn(usage, 'promptTokenCount'),
    output_tokens: output === undefined ? undefined : output + (thoughts ?? 0),
    cache_read_tokens: numberIn(usage, 'cachedContentTokenCount'),
    reasoning_tokens: thoughts,
  });
  return [{ type: 'llm_response', data }];
}
