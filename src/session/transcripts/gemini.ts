import { asText, numberIn, objectIn, objectsOf, present, textIn } from '../session-event.ts';
import type { NewEvent } from '../session-event.ts';
import { eventIdOf, sessionIdOf } from '../session-id.ts';
import type { Json, JsonObject } from '../../base/verifier.ts';
import { fileEvents } from '../written-files.ts';
import { countUnread, timeNsOf } from './transcript.ts';
import type { Transcript, TranscriptLine, Unread } from './transcript.ts';

/**
 * Gemini CLI's chats: `session-*.json` or `.jsonl` below `~/.gemini/tmp/…/chats`. A message is written again when it
 * grows, under the same id. Its output tokens leave the thoughts out.
 */
export function readGeminiTranscript(
  lines: readonly TranscriptLine[],
  fileName: string,
  unread: Unread,
): Transcript[] {
  const known = lines.filter((line): line is JsonObject => {
    if (line === undefined) countUnread(unread, 'lines that are no JSON');
    return line !== undefined;
  });
  const head = known.find((line) => textIn(line, 'sessionId') !== '') ?? {};
  const whole = head['messages'];
  const told = Array.isArray(whole) ? objectsOf(whole) : known;
  const sessionId = sessionIdOf(textIn(head, 'sessionId') || fileName);
  let beforeNs: bigint | undefined;
  const events = messagesOf(told).flatMap((message) => {
    const found = messageEvents(sessionId, message, { beforeNs, unread });
    beforeNs = timeNsOf(message['timestamp']) ?? beforeNs;
    return found;
  });
  const agentName = textIn(head, 'kind') === 'subagent' ? 'sub-agent' : 'gemini-cli';
  return [
    {
      sessionId,
      provider: 'gemini',
      agentName,
      cwd: '',
      parentSessionId: '',
      parentEventId: '',
      events,
    },
  ];
}

/** Each message as it was written last, at its first place; what was rewound is gone. */
function messagesOf(lines: readonly JsonObject[]): JsonObject[] {
  const messages = new Map<string, JsonObject>();
  for (const line of lines) {
    const rewound = textIn(line, '$rewindTo');
    if (rewound !== '') {
      const ids = [...messages.keys()];
      for (const id of ids.slice(Math.max(0, ids.indexOf(rewound)))) messages.delete(id);
    }
    const id = textIn(line, 'id');
    if (id !== '' && textIn(line, 'type') !== '') messages.set(id, line);
  }
  return [...messages.values()];
}

function messageEvents(
  sessionId: string,
  message: JsonObject,
  { beforeNs, unread }: { readonly beforeNs: bigint | undefined; readonly unread: Unread },
): NewEvent[] {
  const timeNs = timeNsOf(message['timestamp']);
  const text = contentText(message['content']);
  switch (textIn(message, 'type')) {
    case 'user':
      return [{ type: 'user_prompt', timeNs, data: { prompt: text } }];
    case 'gemini':
      return [
        ...modelEvents(sessionId, message, { startNs: beforeNs ?? timeNs, timeNs }),
        ...(text === '' ? [] : [{ type: 'assistant_response', timeNs, data: { text } } as const]),
        ...toolEvents(sessionId, message, timeNs),
      ];
    case 'error':
      return [{ type: 'error', timeNs, data: { error: text, error_type: 'api_error' } }];
    case 'info':
    case 'warning':
      return [];
    default:
      countUnread(
        unread,
        `messages of the unknown type ${JSON.stringify(message['type'] ?? null)}`,
      );
      return [];
  }
}

function contentText(content: Json | undefined): string {
  if (!Array.isArray(content)) return asText(content);
  return objectsOf(content)
    .map((part) => textIn(part, 'text'))
    .join('\n');
}

function modelEvents(
  sessionId: string,
  message: JsonObject,
  {
    startNs,
    timeNs,
  }: { readonly startNs: bigint | undefined; readonly timeNs: bigint | undefined },
): NewEvent[] {
  const id = textIn(message, 'id');
  const model = textIn(message, 'model');
  const tokens = objectIn(message, 'tokens');
  const request = eventIdOf(sessionId, `${id}/request`);
  const output = numberIn(tokens, 'output');
  const thoughts = numberIn(tokens, 'thoughts');
  const data = present({
    model,
    input_tokens: numberIn(tokens, 'input'),
    output_tokens: output === undefined ? undefined : output + (thoughts ?? 0),
    cache_read_tokens: numberIn(tokens, 'cached'),
    reasoning_tokens: thoughts,
  });
  return [
    { type: 'llm_request', id: request, timeNs: startNs, data: present({ model }) },
    {
      type: 'llm_response',
      id: eventIdOf(sessionId, `${id}/response`),
      parentId: request,
      timeNs,
      data,
    },
  ];
}

function toolEvents(
  sessionId: string,
  message: JsonObject,
  saidNs: bigint | undefined,
): NewEvent[] {
  return objectsOf(message['toolCalls']).flatMap((call): NewEvent[] => {
    const callId = textIn(call, 'id');
    const name = textIn(call, 'name');
    const input = objectIn(call, 'args');
    const id = eventIdOf(sessionId, callId);
    const endNs = timeNsOf(call['timestamp']) ?? saidNs;
    const data = present({ tool_name: name, arguments: input, tool_use_id: callId });
    const called: NewEvent = { type: 'tool_call', id, timeNs: saidNs, data };
    const status = textIn(call, 'status');
    const result = textIn(call, 'resultDisplay') || asText(call['result']);
    if (status === 'error' || status === 'cancelled') {
      const denied = status === 'cancelled';
      const failure = {
        tool_name: name,
        error: result,
        error_type: denied ? 'permission_denied' : 'tool_error',
      };
      return [called, { type: 'error', parentId: id, timeNs: endNs, data: failure }];
    }
    if (status !== 'success') return [called];
    return [
      called,
      { type: 'tool_result', parentId: id, timeNs: endNs, data: { tool_name: name, result } },
      ...fileEvents({ tool: name, input }, { parentId: id, timeNs: endNs }),
    ];
  });
}
