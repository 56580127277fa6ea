import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { withFileLock } from '../base/file-lock.ts';
import { makeDirectory } from '../base/make-directory.ts';
import { AppError } from '../errors.ts';
import { parseObject, readEvents, readLines, readSession } from './read-session.ts';
import { objectIn, textIn } from './session-event.ts';
import type { NewEvent } from './session-event.ts';
import { eventIdOf } from './session-id.ts';
import { appendEvents, createSession } from './session-writer.ts';
import type { WriteOptions } from './session-writer.ts';
import { readClaudeTranscript } from './transcripts/claude.ts';
import { readCodexTranscript } from './transcripts/codex.ts';
import { readGeminiTranscript } from './transcripts/gemini.ts';
import type { Transcript, TranscriptLine, Unread } from './transcripts/transcript.ts';
import { correctionOf, UsageRecord } from './usage-correction.ts';

export interface ImportResult {
  readonly file: string;
  readonly sessions: readonly {
    readonly id: string;
    readonly events: number;
    readonly known: boolean;
  }[];
  /** What was not read, with how many there are of it. */
  readonly unread: Readonly<Record<string, number>>;
}

const LOCK_TIMEOUT_MS = 30_000;
const TRANSCRIPT_BYTES_MAX = 400 * 1024 * 1024;

/**
 * Reads a transcript into sessions below `root`. One that is there already gets what its transcript has more by now; one
 * that hooks recorded is left as it is.
 */
export function importTranscript(file: string, root: string, options: WriteOptions): ImportResult {
  const unread: Unread = new Map();
  const transcripts = readTranscript(file, unread);
  const sessions = parentsFirst(transcripts).map((transcript) => {
    const { sessionId: id } = transcript;
    const directory = join(root, id);
    makeDirectory(directory, 0o700);
    // Two imports at once would both find that it is not there.
    const result = withFileLock(join(directory, 'import.lock'), LOCK_TIMEOUT_MS, () => {
      const known = knownEvents(root, id);
      const events = writeTranscript(transcript, root, { ...options, known });
      return { id, events, known: known !== undefined };
    });
    if (result === undefined) throw new AppError('CONFLICT', `another process imports ${id}`);
    return result;
  });
  return { file, sessions, unread: Object.fromEntries(unread) };
}

/** Claude Code keeps sub-agents' transcripts in a folder named for the session, each named for its agent. */
function subagentLines(file: string): TranscriptLine[] {
  const folder = join(dirname(file), basename(file, '.jsonl'), 'subagents');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^agent-.+\.jsonl$/.test(name))
    .flatMap((name) => {
      const agentId = name.slice('agent-'.length, -'.jsonl'.length);
      return linesOf(join(folder, name)).map((line): TranscriptLine =>
        line === undefined ? undefined : { agentId, ...line, isSidechain: true },
      );
    });
}

function readTranscript(file: string, unread: Unread): Transcript[] {
  if (!existsSync(file)) throw new AppError('NOT_FOUND', `there is no file ${file}`);
  if (statSync(file).size > TRANSCRIPT_BYTES_MAX) {
    throw new AppError(
      'BODY_TOO_LARGE',
      `${file} is larger than ${TRANSCRIPT_BYTES_MAX / 1024 / 1024} MB, which is read at once`,
    );
  }
  const lines = linesOf(file);
  const name = basename(file).replace(/\.jsonl?$/, '');
  const head = lines.slice(0, 50).filter((line) => line !== undefined);
  if (
    head.some(
      (line) => textIn(line, 'type') === 'session_meta' || textIn(line, 'type') === 'response_item',
    )
  ) {
    return readCodexTranscript(lines, name, unread);
  }
  if (head.some((line) => 'messages' in line || textIn(line, 'projectHash') !== '')) {
    return readGeminiTranscript(lines, name, unread);
  }
  const isClaude = head.some(
    (line) => textIn(line, 'sessionId') !== '' || textIn(objectIn(line, 'message'), 'role') !== '',
  );
  if (isClaude) return readClaudeTranscript([...lines, ...subagentLines(file)], name, unread);
  throw new AppError(
    'VALIDATION_ERROR',
    `${file} is no transcript of Claude Code, Codex or Gemini CLI that this version knows`,
  );
}

/** One JSON document, or one a line. */
function linesOf(file: string): TranscriptLine[] {
  const whole = file.endsWith('.json') ? parseObject(readFileSync(file, 'utf8')) : undefined;
  if (whole !== undefined) return [whole];
  const lines: TranscriptLine[] = [];
  for (const { text } of readLines(file)) if (text.trim() !== '') lines.push(parseObject(text));
  return lines;
}

/** Those without events are none. */
function parentsFirst(transcripts: readonly Transcript[]): Transcript[] {
  const all = transcripts.filter(({ events }) => events.length > 0);
  return all.sort(
    (one, other) => Number(one.parentSessionId !== '') - Number(other.parentSessionId !== ''),
  );
}

/** What was imported before. */
interface Known {
  readonly ids: ReadonlySet<string>;
  readonly usage: UsageRecord;
}

/** Undefined for no session, `hooks` for one that is not an import's. */
function knownEvents(root: string, id: string): Known | 'hooks' | undefined {
  const session = readSession(join(root, id), id, false);
  if (session === undefined) return undefined;
  if (session.meta.source !== 'import') return 'hooks';
  const ids = new Set<string>();
  const usage = new UsageRecord();
  for (const event of readEvents(session)) {
    ids.add(event.id);
    usage.add(event);
  }
  // A process that ended before it wrote any event left the session's meta alone.
  return ids.size === 0 ? undefined : { ids, usage };
}

/** What is not recorded yet: events, and what a model's call has used since it was recorded. */
function freshEvents(
  sessionId: string,
  events: readonly (NewEvent & { readonly id: string })[],
  known: Known | undefined,
): NewEvent[] {
  if (known === undefined) return [...events];
  return events.flatMap((event) => {
    if (!known.ids.has(event.id)) return event;
    if (event.type !== 'llm_response') return [];
    return correctionOf(sessionId, event, known.usage.of(event.id)) ?? [];
  });
}

function writeTranscript(
  transcript: Transcript,
  root: string,
  options: WriteOptions & { readonly known: Known | 'hooks' | undefined },
): number {
  const { sessionId } = transcript;
  if (options.known === 'hooks') return 0;
  const known = options.known?.ids.size ?? 0;
  const times = transcript.events.map(({ timeNs }) => timeNs).filter((time) => time !== undefined);
  const startNs = times[0] ?? options.nowNs();
  const endNs = times.reduce((last, time) => (time > last ? time : last), startNs);
  const directory = createSession(root, {
    session_id: sessionId,
    agent_name: transcript.agentName,
    started_at_ns: String(startNs),
    parent_session_id: transcript.parentSessionId,
    parent_event_id: transcript.parentEventId,
    provider: transcript.provider,
    source: 'import',
    command: '',
    cwd: transcript.cwd,
    redacted: options.keepSecrets !== true,
    format: 1,
  });
  const named = transcript.events.map((event, index) => ({
    ...event,
    id: event.id ?? eventIdOf(sessionId, `import/${index}`),
    timeNs: event.timeNs ?? startNs,
  }));
  const fresh = freshEvents(sessionId, named, options.known);
  if (fresh.length === 0) return 0;
  const events: NewEvent[] = [
    {
      type: 'session_start',
      id: eventIdOf(sessionId, known === 0 ? 'import/start' : `import/start/${known}`),
      timeNs: fresh[0]!.timeNs,
      data: { source: 'import' },
    },
    ...fresh,
    {
      type: 'session_end',
      id: eventIdOf(sessionId, known === 0 ? 'import/end' : `import/end/${known}`),
      timeNs: endNs,
      data: { reason: 'import' },
    },
  ];
  return appendEvents(directory, events, options).length;
}

/** Where command lines keep their transcripts, below a home. */
export function discoverTranscripts(home: string): string[] {
  const folders = ['.claude/projects', '.codex/sessions', '.gemini/tmp'].map((folder) =>
    join(home, folder),
  );
  return folders.flatMap((folder) => {
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.jsonl$|[\\/]chats[\\/]session-[^\\/]*\.json$/.test(name))
      .filter((name) => !/[\\/](?:subagents|logs)[\\/]|(?:^|[\\/])logs\.json/.test(name))
      .map((name) => join(folder, name));
  });
}
