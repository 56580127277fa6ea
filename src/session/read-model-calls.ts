import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { canonicalJson } from '../base/verifier.ts';
import type { Json, JsonObject } from '../base/verifier.ts';
import type { HookCapture, Provider } from './hook-event.ts';
import { parseObject } from './read-session.ts';
import { asObject, textIn } from './session-event.ts';
import type { NewEvent } from './session-event.ts';
import { eventIdOf } from './session-id.ts';
import { claudeEvents } from './transcripts/claude.ts';
import { codexEvents, type CodexPlace } from './transcripts/codex.ts';
import { correctionOf, usageIn } from './usage-correction.ts';
import type { RecordedUsage } from './usage-correction.ts';

/** A transcript is read by so much at a time, so that a hook stays quick; the next one goes on from there. */
const TRANSCRIPT_BYTES_MAX = 4 * 1024 * 1024;

/** How far a transcript was read; beside the session, not a part of it. */
interface ReadingPlace {
  readonly path: string;
  readonly offset: number;
  /** The last message of the model that was told, and what it had used by then. */
  readonly lastMessage: string;
  readonly lastUsage: RecordedUsage;
  readonly codex: CodexPlace;
  /**
   * While what was read on from here is stored: the size that `events.ndjson` had before. Found later, it says that
   * the process ended in between, and that what is behind may have been stored.
   */
  readonly storingFrom?: number;
}

export interface NewModelCalls {
  readonly events: readonly NewEvent[];
  /** To be called when the events are stored. Without it, the next reading finds out whether they were. */
  readonly settle: () => void;
}

/**
 * What came into the session's transcript since the last time: hooks say nothing of models and tokens, but name a
 * transcript that does. One process at a time may read for a session.
 */
export function readModelCalls(
  directory: string,
  told: HookCapture,
  provider: Provider,
): NewModelCalls {
  const isRead = provider === 'claude' || provider === 'codex';
  if (!isRead || !existsSync(told.transcriptPath)) return { events: [], settle: () => undefined };
  const statePath = join(directory, 'transcript.json');
  const place = readPlace(statePath, told.transcriptPath);
  const { lines, offset } = readNewLines(told.transcriptPath, place.offset);
  const codex = { ...place.codex };
  const read =
    provider === 'claude'
      ? claudeEvents(told.sessionId, lines, new Map())
      : codexEvents(told.sessionId, lines, new Map(), codex);
  const path = join(directory, 'events.ndjson');
  const stored = storedIds(path, place.storingFrom);
  const again = read.find(({ data }) => isTold(data, place));
  const events = read
    .filter(({ type }) => /^(?:llm_request|llm_response|assistant_response)$/.test(type))
    .map((event) => ({ ...event, id: event.id ?? nameOf(told.sessionId, event) }))
    .flatMap((event) => {
      if (again === undefined || !isOf(again, event)) return event;
      // The message was told as far as it had come.
      if (event.type === 'llm_request') return [];
      return correctionOf(told.sessionId, event, place.lastUsage) ?? [];
    })
    .map((event) => ({ ...event, id: event.id! }))
    .filter(({ id }) => !stored.has(id));
  const last = read.findLast(({ data }) => data['response_id'] !== undefined);
  const lastMessage = last === undefined ? place.lastMessage : textIn(last.data, 'response_id');
  const lastUsage = last === undefined ? place.lastUsage : usageIn(last.data);
  const storingFrom = place.storingFrom ?? statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  writePlace(statePath, { ...place, storingFrom });
  return {
    events,
    settle: () =>
      writePlace(statePath, { path: told.transcriptPath, offset, lastMessage, lastUsage, codex }),
  };
}

const isTold = (data: JsonObject, { lastMessage }: ReadingPlace): boolean =>
  lastMessage !== '' && data['response_id'] === lastMessage;

/** Whether an event is the response itself, or its request. */
const isOf = (response: NewEvent, event: NewEvent): boolean =>
  event.id !== undefined && (event.id === response.id || event.id === response.parentId);

/** The same event, read again, has the same id. */
function nameOf(sessionId: string, { type, timeNs, data }: NewEvent): string {
  return eventIdOf(sessionId, `${type}/${timeNs ?? ''}/${canonicalJson(data)}`);
}

function storedIds(path: string, from: number | undefined): ReadonlySet<string> {
  if (from === undefined || !existsSync(path)) return new Set();
  const lines = readFileSync(path).subarray(from).toString('utf8').split('\n');
  return new Set(lines.map((line) => textIn(parseObject(line) ?? {}, 'event_id')));
}

function readPlace(statePath: string, path: string): ReadingPlace {
  const none = { path, offset: 0, lastMessage: '', lastUsage: {}, codex: { model: '', total: -1 } };
  if (!existsSync(statePath)) return none;
  const state = parseObject(readFileSync(statePath, 'utf8'));
  const offset = state?.['offset'];
  if (state === undefined || state['path'] !== path || typeof offset !== 'number') return none;
  const codex = asObject(state['codex']) ?? {};
  const { storingFrom } = state;
  return {
    path,
    offset,
    lastMessage: textIn(state, 'lastMessage'),
    lastUsage: usageIn(asObject(state['lastUsage']) ?? {}),
    codex: {
      model: textIn(codex, 'model'),
      total: typeof codex['total'] === 'number' ? codex['total'] : -1,
    },
    ...(typeof storingFrom === 'number' ? { storingFrom } : {}),
  };
}

/** In one step: half a place would have everything read again. */
function writePlace(statePath: string, place: ReadingPlace): void {
  writeFileSync(`${statePath}.next`, JSON.stringify(place), { mode: 0o600 });
  renameSync(`${statePath}.next`, statePath);
}

function readNewLines(path: string, from: number): { lines: JsonObject[]; offset: number } {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    // A file that was written anew is read anew.
    const start = from > size ? 0 : from;
    const bytes = Buffer.alloc(Math.min(size - start, TRANSCRIPT_BYTES_MAX));
    readSync(file, bytes, 0, bytes.length, start);
    const end = bytes.lastIndexOf(10) + 1;
    const lines = bytes
      .toString('utf8', 0, end)
      .split('\n')
      .map((line): Json | undefined => parseObject(line))
      .map((line) => asObject(line))
      .filter((line) => line !== undefined);
    return { lines, offset: start + end };
  } finally {
    closeSync(file);
  }
}
