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
 * Claude Code's transcripts: JSON lines below `~/.claude/projects`. A message of the model comes in several lines that
 * repeat its usage, of which the last is right; its input tokens leave the cache out. Sub-agents stand in the same file
 * as side chains, or in files of their own.
 */

/** Lines that hold nothing that happened. */
const SILENT = new Set([
  'summary',
  'file-history-snapshot',
  'queue-operation',
  'progress',
  'attachment',
  'last-prompt',
  'custom-title',
  'agent-name',
  'permission-mode',
  'ai-title',
  'mode',
]);

interface Message {
  readonly usage: JsonObject;
  readonly stopReason: string;
  readonly endNs: bigint | undefined;
}

/** The sessions in a file: the one it is named for, and its sub-agents'. */
export function readClaudeTranscript(
  lines: readonly TranscriptLine[],
  fileName: string,
  unread: Unread,
): Transcript[] {
  const known = lines.filter((line, index): line is JsonObject => {
    // The last line may be in the midst of being written.
    if (line === undefined && index < lines.length - 1)
      countUnread(unread, 'lines that are no JSON');
    else if (line === undefined) countUnread(unread, 'a last line that is not whole');
    return line !== undefined;
  });
  const main = sessionIdOf(
    known.map((line) => textIn(line, 'sessionId')).find((id) => id !== '') ?? fileName,
  );
  const agentOfFile = /^agent-(.+)$/.exec(fileName)?.[1];
  const spawned = spawningCalls(known);
  const groups = new Map<string, JsonObject[]>();
  for (const line of known) {
    const side = line['isSidechain'] === true;
    const agent = side ? textIn(line, 'agentId') || agentOfFile || 'sidechain' : '';
    const group = groups.get(agent);
    if (group === undefined) groups.set(agent, [line]);
    else group.push(line);
  }
  return [...groups].map(([agent, group]) => {
    const sessionId = agent === '' ? main : sessionIdOf(`${main}.${agent}`);
    const call = spawned.get(agent);
    return {
      sessionId,
      provider: 'claude',
      agentName: agent === '' ? 'claude-code' : (call?.name ?? 'sub-agent'),
      cwd: group.map((line) => textIn(line, 'cwd')).find((cwd) => cwd !== '') ?? '',
      parentSessionId: agent === '' ? '' : main,
      parentEventId: call === undefined ? '' : eventIdOf(main, call.id),
      events: claudeEvents(sessionId, group, unread),
    };
  });
}

/** Which tool call started which sub-agent. */
function spawningCalls(lines: readonly JsonObject[]): Map<string, { id: string; name: string }> {
  const found = new Map<string, { id: string; name: string }>();
  const names = new Map<string, string>();
  for (const line of lines) {
    for (const block of blocksOf(line)) {
      const agent = textIn(objectIn(line, 'toolUseResult'), 'agentId');
      if (textIn(block, 'type') === 'tool_use') {
        names.set(textIn(block, 'id'), textIn(objectIn(block, 'input'), 'subagent_type'));
      } else if (textIn(block, 'type') === 'tool_result' && agent !== '') {
        const id = textIn(block, 'tool_use_id');
        found.set(agent, { id, name: names.get(id) || 'sub-agent' });
      }
    }
  }
  return found;
}

function blocksOf(line: JsonObject): JsonObject[] {
  const content = objectIn(line, 'message')['content'];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return objectsOf(content);
}

/** The events of lines of one session; for a part of a file, of what happened in it. */
export function claudeEvents(
  sessionId: string,
  lines: readonly JsonObject[],
  unread: Unread,
): NewEvent[] {
  const messages = messagesOf(lines);
  const calls = new Map<string, JsonObject>();
  const told = new Set<string>();
  const events: NewEvent[] = [];
  let beforeNs: bigint | undefined;
  for (const line of lines) {
    const timeNs = timeNsOf(line['timestamp']);
    switch (textIn(line, 'type')) {
      case 'user':
        events.push(...userEvents(sessionId, line, { timeNs, calls }));
        break;
      case 'assistant': {
        const id = textIn(objectIn(line, 'message'), 'id');
        const message = messages.get(id);
        if (message !== undefined && !told.has(id)) {
          told.add(id);
          events.push(...modelEvents(sessionId, line, message, { startNs: beforeNs, timeNs }));
        }
        events.push(...answerEvents(sessionId, line, { timeNs, calls }));
        break;
      }
      case 'system':
        if (textIn(line, 'subtype') === 'compact_boundary') {
          events.push({ type: 'decision', timeNs, data: { decision: 'compaction' } });
        }
        break;
      default:
        if (!SILENT.has(textIn(line, 'type'))) {
          countUnread(unread, `lines of the unknown type ${JSON.stringify(line['type'] ?? null)}`);
        }
    }
    beforeNs = timeNs ?? beforeNs;
  }
  return events;
}

/** Each message of the model with what its last line says. */
function messagesOf(lines: readonly JsonObject[]): Map<string, Message> {
  const messages = new Map<string, Message>();
  for (const line of lines) {
    const message = objectIn(line, 'message');
    const id = textIn(message, 'id');
    if (textIn(line, 'type') !== 'assistant' || id === '' || isMade(message)) continue;
    messages.set(id, {
      usage: objectIn(message, 'usage'),
      stopReason: textIn(message, 'stop_reason') || (messages.get(id)?.stopReason ?? ''),
      endNs: timeNsOf(line['timestamp']) ?? messages.get(id)?.endNs,
    });
  }
  return messages;
}

/** Messages that no model wrote. */
const isMade = (message: JsonObject): boolean => textIn(message, 'model') === '<synthetic>';

function modelEvents(
  sessionId: string,
  line: JsonObject,
  { usage, stopReason, endNs }: Message,
  time: { readonly startNs: bigint | undefined; readonly timeNs: bigint | undefined },
): NewEvent[] {
  const message = objectIn(line, 'message');
  const id = textIn(message, 'id');
  const model = textIn(message, 'model');
  const request = eventIdOf(sessionId, `${id}/request`);
  const fresh = numberIn(usage, 'input_tokens');
  const cacheRead = numberIn(usage, 'cache_read_input_tokens');
  const cacheWrite = numberIn(usage, 'cache_creation_input_tokens');
  return [
    {
      type: 'llm_request',
      id: request,
      timeNs: time.startNs ?? time.timeNs,
      data: present({ model }),
    },
    {
      type: 'llm_response',
      id: eventIdOf(sessionId, `${id}/response`),
      parentId: request,
      timeNs: endNs ?? time.timeNs,
      data: present({
        model,
        input_tokens:
          fresh === undefined ? undefined : fresh + (cacheRead ?? 0) + (cacheWrite ?? 0),
        output_tokens: numberIn(usage, 'output_tokens'),
        cache_read_tokens: cacheRead,
        cache_write_tokens: cacheWrite,
        cache_write_1h_tokens: numberIn(
          objectIn(usage, 'cache_creation'),
          'ephemeral_1h_input_tokens',
        ),
        service_tier: textIn(usage, 'service_tier'),
        stop_reason: stopReason,
        response_id: id,
      }),
    },
  ];
}

interface Place {
  readonly timeNs: bigint | undefined;
  /** Tool calls by their id. */
  readonly calls: Map<string, JsonObject>;
}

function answerEvents(sessionId: string, line: JsonObject, { timeNs, calls }: Place): NewEvent[] {
  const message = objectIn(line, 'message');
  if (line['isApiErrorMessage'] === true || isMade(message)) {
    const error = blocksOf(line)
      .map((block) => textIn(block, 'text'))
      .join('\n');
    return [{ type: 'error', timeNs, data: { error, error_type: 'api_error' } }];
  }
  return blocksOf(line).flatMap((block): NewEvent[] => {
    if (textIn(block, 'type') === 'text') {
      return [{ type: 'assistant_response', timeNs, data: { text: textIn(block, 'text') } }];
    }
    if (textIn(block, 'type') !== 'tool_use') return [];
    const id = textIn(block, 'id');
    calls.set(id, block);
    const data = present({
      tool_name: textIn(block, 'name'),
      arguments: objectIn(block, 'input'),
      tool_use_id: id,
    });
    return [{ type: 'tool_call', id: eventIdOf(sessionId, id), timeNs, data }];
  });
}

const DENIED =
  /^The user doesn't want to (?:proceed|take this action)|requested permissions? .* (?:haven't|denied)/;

function userEvents(sessionId: string, line: JsonObject, { timeNs, calls }: Place): NewEvent[] {
  if (line['isMeta'] === true || line['isCompactSummary'] === true) return [];
  return blocksOf(line).flatMap((block): NewEvent[] => {
    if (textIn(block, 'type') === 'text') {
      const prompt = textIn(block, 'text');
      return [{ type: 'user_prompt', timeNs, data: { prompt } }];
    }
    if (textIn(block, 'type') !== 'tool_result') return [];
    const callId = textIn(block, 'tool_use_id');
    const call = calls.get(callId);
    const parentId = eventIdOf(sessionId, callId);
    const tool = call === undefined ? '' : textIn(call, 'name');
    const result = resultText(block['content']);
    if (block['is_error'] === true) return failedCall({ tool, parentId, timeNs }, result);
    const input = call === undefined ? {} : objectIn(call, 'input');
    return [
      { type: 'tool_result', parentId, timeNs, data: present({ tool_name: tool, result }) },
      ...fileEvents({ tool, input }, { parentId, timeNs }),
    ];
  });
}

function failedCall(
  { tool, parentId, timeNs }: { tool: string; parentId: string; timeNs: bigint | undefined },
  error: string,
): NewEvent[] {
  const denied = DENIED.test(error);
  const data = present({
    tool_name: tool,
    error,
    error_type: denied ? 'permission_denied' : 'tool_error',
  });
  const failed: NewEvent = { type: 'error', parentId, timeNs, data };
  if (!denied) return [failed];
  const decision = present({ decision: 'denied', tool_name: tool, by: 'user' });
  return [{ type: 'decision', parentId, timeNs, data: decision }, failed];
}

/** Texts of a result; pictures are named, not kept. */
function resultText(content: Json | undefined): string {
  if (!Array.isArray(content)) return asText(content);
  return content
    .flatMap((part: Json) => {
      const block = asObject(part);
      if (block === undefined) return [];
      return textIn(block, 'type') === 'text'
        ? textIn(block, 'text')
        : `(${textIn(block, 'type')})`;
    })
    .join('\n');
}
