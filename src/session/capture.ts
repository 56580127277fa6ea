import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

import { withFileLock } from '../base/file-lock.ts';
import { noteAgentProcess } from './agent-process.ts';
import { readHook } from './hook-event.ts';
import type { HookCapture, HookName, Provider } from './hook-event.ts';
import { parseObject } from './read-session.ts';
import { asObject, textIn } from './session-event.ts';
import type { NewEvent } from './session-event.ts';
import { sessionFolderOf } from './session-folder.ts';
import { appendEvents, createSession } from './session-writer.ts';
import type { WriteOptions } from './session-writer.ts';
import { readModelCalls } from './read-model-calls.ts';
import { canonicalJson } from '../base/verifier.ts';
import type { JsonObject } from '../base/verifier.ts';

export interface CaptureOptions extends WriteOptions {
  readonly provider: Provider;
  readonly hook: HookName;
  /** Where sessions are kept; that of the agent's working directory when undefined. */
  readonly root: string | undefined;
  readonly cwd: string;
  /** The agent's project, where it says so: that stays while an agent changes its working directory. */
  readonly project?: string | undefined;
  readonly home: string;
  /** Who called the hook: what a guard would stop. */
  readonly parentPid?: number | undefined;
}

const TAIL_BYTES = 256 * 1024;
/** Hooks at which a turn ends. */
const READS_TRANSCRIPT = /^(?:stop|stop-failure|session-end|subagent-stop)$/;
const LOCK_TIMEOUT_MS = 5_000;

/** Records what a hook was told; false when it was told of no session. */
export function capture(payload: JsonObject, options: CaptureOptions): boolean {
  const told = readHook(options.provider, options.hook, payload);
  if (told === undefined) return false;
  const place = options.project || told.cwd || options.cwd;
  const root = options.root ?? sessionFolderOf(place, options.home);
  const parent = told.parentSessionId === '' ? undefined : join(root, told.parentSessionId);
  const directory = createSession(root, {
    session_id: told.sessionId,
    agent_name: told.agentName,
    started_at_ns: String(options.nowNs()),
    parent_session_id: told.parentSessionId,
    parent_event_id: parent === undefined ? '' : (openCall(parent, isSpawning) ?? ''),
    provider: options.provider,
    source: 'hook',
    command: '',
    cwd: told.cwd,
    redacted: options.keepSecrets !== true,
    format: 1,
  });
  if (options.parentPid !== undefined) noteAgentProcess(directory, options.parentPid);
  const append = (calls: readonly NewEvent[]): unknown =>
    // The model's calls come before the end that they led to.
    appendEvents(directory, [...calls, ...withCalls(directory, told)], options);
  if (!READS_TRANSCRIPT.test(options.hook)) {
    append([]);
    return true;
  }
  const appendAll = (): true => {
    const { events, settle } = readModelCalls(directory, told, options.provider);
    append(events);
    settle();
    return true;
  };
  // Two at once would both read on from the same place.
  if (withFileLock(join(directory, 'transcript.lock'), LOCK_TIMEOUT_MS, appendAll) === undefined)
    throw new Error(`another hook does not let go of ${directory}`);
  return true;
}

const isSpawning = (call: JsonObject): boolean =>
  /^(?:Task|Agent)$/.test(textIn(call, 'tool_name'));

/** A result without the name of its call belongs to the last open call of the same tool with the same arguments. */
function withCalls(directory: string, told: HookCapture): readonly NewEvent[] {
  const loose = told.looseResultOf;
  if (loose === undefined) return told.events;
  const wanted = canonicalJson(loose.arguments);
  const same = (data: JsonObject): boolean => textIn(data, 'tool_name') === loose.tool;
  const exact = (data: JsonObject): boolean =>
    same(data) && canonicalJson(data['arguments']) === wanted;
  const parentId = openCall(directory, exact) ?? openCall(directory, same);
  return told.events.map((event) =>
    event.parentId === undefined ? { ...event, parentId } : event,
  );
}

/** The newest tool call without a result among the last events of a session. */
function openCall(directory: string, fits: (data: JsonObject) => boolean): string | undefined {
  const path = join(directory, 'events.ndjson');
  if (!existsSync(path)) return undefined;
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const ended = new Set<string>();
    for (const line of tail.toString('utf8').split('\n').reverse()) {
      const event = parseObject(line);
      if (event === undefined) continue;
      const id = textIn(event, 'event_id');
      if (/^(?:tool_result|error)$/.test(textIn(event, 'event_type')))
        ended.add(textIn(event, 'parent_id'));
      const isOpen = textIn(event, 'event_type') === 'tool_call' && !ended.has(id);
      if (isOpen && fits(asObject(event['data']) ?? {})) return id;
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}
