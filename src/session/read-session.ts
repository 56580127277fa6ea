import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';

import { AppError } from '../errors.ts';
import { asObject, numberIn, objectIn, textIn } from './session-event.ts';
import type { SessionEvent, SessionMeta } from './session-event.ts';
import { isSessionId } from './session-writer.ts';
import type { Json, JsonObject, SignedHead } from '../base/verifier.ts';

/** Reads sessions: what is readable is read, and what is not is told. */

/** A session on the disk. */
export interface Session {
  readonly id: string;
  readonly directory: string;
  readonly meta: SessionMeta;
  /** Whether the files are agent-strace's own, which are read but not written. */
  readonly foreign: boolean;
}

export interface EventLine {
  /** Undefined for a line that is no event. */
  readonly event: SessionEvent | undefined;
  /** The JSON object of the line; undefined when it is none. */
  readonly raw: JsonObject | undefined;
  readonly text: string;
}

const BLOCK_BYTES = 1024 * 1024;
/** A line beyond this is told and passed over. */
const LINE_BYTES_MAX = 64 * 1024 * 1024;

/** The lines of a file, of any size, from a byte position on. A last line without an end is given too. */
export function* readLines(
  path: string,
  from = 0,
): Generator<{ text: string; end: number; whole: boolean }> {
  const file = openSync(path, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    let position = from;
    const block = Buffer.alloc(BLOCK_BYTES);
    for (;;) {
      const bytes = readSync(file, block, 0, BLOCK_BYTES, position);
      if (bytes === 0) break;
      const base = position - rest.length;
      position += bytes;
      const text =
        rest.length === 0
          ? block.subarray(0, bytes)
          : Buffer.concat([rest, block.subarray(0, bytes)]);
      let at = 0;
      for (let end = text.indexOf(10, at); end !== -1; end = text.indexOf(10, at)) {
        yield { text: text.toString('utf8', at, end), end: base + end + 1, whole: true };
        at = end + 1;
      }
      rest = Buffer.from(text.subarray(at));
      if (rest.length > LINE_BYTES_MAX) rest = Buffer.from('"a line beyond 64 MiB"');
    }
    if (rest.length > 0) yield { text: rest.toString('utf8'), end: position, whole: false };
  } finally {
    closeSync(file);
  }
}

export function parseObject(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

/** The events of a session in the order of the file; lines that are none come without an event. */
export function* readEventLines(session: Session): Generator<EventLine> {
  const path = join(session.directory, 'events.ndjson');
  if (!existsSync(path)) return;
  let seq = 0;
  for (const { text } of readLines(path)) {
    if (text.trim() === '') continue;
    seq += 1;
    const raw = parseObject(text);
    yield { event: raw === undefined ? undefined : toEvent(raw, seq), raw, text };
  }
}

export interface ReadProblems {
  /** Lines that are no events. */
  unreadable: number;
  /** Types that this version does not know, with how many there are. */
  readonly unknownTypes: Map<string, number>;
}

export function* readEvents(session: Session, problems?: ReadProblems): Generator<SessionEvent> {
  for (const { event } of readEventLines(session)) {
    if (event !== undefined) yield event;
    else if (problems !== undefined) problems.unreadable += 1;
  }
}

/** The event in a line's object; undefined when it is none. */
export function toEvent(raw: JsonObject, seq: number): SessionEvent | undefined {
  const type = textIn(raw, 'event_type');
  const timeNs = timeOf(raw);
  if (type === '' || timeNs === undefined) return undefined;
  return {
    seq,
    id: textIn(raw, 'event_id'),
    type,
    parentId: textIn(raw, 'parent_id'),
    timeNs,
    durationMs: numberIn(raw, 'duration_ms'),
    data: objectIn(raw, 'data'),
  };
}

/** Our nanoseconds as text, or agent-strace's seconds as a number. */
function timeOf(raw: JsonObject): bigint | undefined {
  const exact = raw['timestamp_ns'];
  if (typeof exact === 'string' && /^\d{1,19}$/.test(exact)) return BigInt(exact);
  const seconds = numberIn(raw, 'timestamp');
  return seconds === undefined ? undefined : BigInt(Math.round(seconds * 1e6)) * 1000n;
}

/** The session in a folder; undefined where there is none. */
export function readSession(directory: string, id: string, foreign: boolean): Session | undefined {
  const raw = readJsonFile(join(directory, 'meta.json'));
  // One that lost its meta is still a session: verifying it tells what is wrong.
  if (raw === undefined && !existsSync(join(directory, 'events.ndjson'))) return undefined;
  const session = { id, directory, foreign };
  if (foreign) return { ...session, meta: foreignMeta(raw ?? {}, id) };
  const meta = ownMeta(raw ?? {});
  if (meta.started_at_ns !== '') return { ...session, meta };
  const first = readEventLines({ ...session, meta }).next().value?.event;
  return { ...session, meta: { ...meta, started_at_ns: String(first?.timeNs ?? 0n) } };
}

/** What is no text there is none here, and a start that is no time is ''. */
function ownMeta(raw: JsonObject): SessionMeta {
  const started = textIn(raw, 'started_at_ns');
  return {
    session_id: textIn(raw, 'session_id'),
    agent_name: textIn(raw, 'agent_name'),
    started_at_ns: /^\d{1,19}$/.test(started) ? started : '',
    parent_session_id: textIn(raw, 'parent_session_id'),
    parent_event_id: textIn(raw, 'parent_event_id'),
    provider: textIn(raw, 'provider'),
    source: textIn(raw, 'source') as SessionMeta['source'],
    command: textIn(raw, 'command'),
    cwd: textIn(raw, 'cwd'),
    redacted: raw['redacted'] === true,
    format: 1,
  };
}

function foreignMeta(raw: JsonObject, id: string): SessionMeta {
  const started = numberIn(raw, 'started_at') ?? 0;
  return {
    session_id: id,
    agent_name: textIn(raw, 'agent_name'),
    started_at_ns: String(BigInt(Math.round(started * 1e6)) * 1000n),
    parent_session_id: textIn(raw, 'parent_session_id'),
    parent_event_id: textIn(raw, 'parent_event_id'),
    provider: 'agent-strace',
    source: 'import',
    command: textIn(raw, 'command'),
    cwd: '',
    redacted: raw['redacted'] === true,
    format: 1,
  };
}

/** Where sessions are: ours, and beside them what agent-strace left. */
export interface SessionFolders {
  /** `.signalbox/sessions` of a project. */
  readonly root: string;
  /** `.agent-traces`, read only. */
  readonly foreignRoot?: string | undefined;
}

/** All sessions, the earliest first. */
export function listSessions({ root, foreignRoot }: SessionFolders): Session[] {
  const found = [
    ...readFolder(root, false),
    ...(foreignRoot === undefined ? [] : readFolder(foreignRoot, true)),
  ];
  return found.sort((one, other) => {
    const [a, b] = [BigInt(one.meta.started_at_ns), BigInt(other.meta.started_at_ns)];
    return a < b ? -1 : a > b ? 1 : one.id < other.id ? -1 : 1;
  });
}

function readFolder(folder: string, foreign: boolean): Session[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const isFolder = statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory();
    if (!isSessionId(name) || isFolder !== true) return [];
    return readSession(join(folder, name), name, foreign) ?? [];
  });
}

/** A session by its id or the beginning of one; the latest without a word. Throws `NOT_FOUND` or `CONFLICT`. */
export function findSession(folders: SessionFolders, word: string | undefined): Session {
  const sessions = listSessions(folders);
  if (word === undefined) {
    const latest =
      sessions.findLast(({ meta }) => meta.parent_session_id === '') ?? sessions.at(-1);
    if (latest !== undefined) return latest;
    throw new AppError(
      'NOT_FOUND',
      `there are no sessions in ${folders.root}; \`signalbox setup\` records new ones, \`signalbox import --discover\` reads old ones`,
    );
  }
  const exact = sessions.find(({ id }) => id === word);
  if (exact !== undefined) return exact;
  const fitting = sessions.filter(({ id }) => id.startsWith(word));
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length === 0) {
    throw new AppError(
      'NOT_FOUND',
      `there is no session ${word} in ${folders.root}; \`signalbox sessions list\` shows what there is`,
    );
  }
  throw new AppError(
    'CONFLICT',
    `${word} begins the ids of ${fitting.length} sessions: ${fitting
      .slice(0, 5)
      .map(({ id }) => id)
      .join(', ')}`,
  );
}

export function readHead(session: Session): SignedHead | undefined {
  const raw = readJsonFile(join(session.directory, 'head.json'));
  return raw === undefined ? undefined : (raw as unknown as SignedHead);
}

/** The head that was about to be written when a process ended; right when its events are there. */
export function readNextHead(session: Session): SignedHead | undefined {
  const raw = readJsonFile(join(session.directory, 'head.json.next'));
  return raw === undefined ? undefined : (raw as unknown as SignedHead);
}

export function readJsonFile(path: string): JsonObject | undefined {
  return existsSync(path) ? parseObject(readFileSync(path, 'utf8')) : undefined;
}
