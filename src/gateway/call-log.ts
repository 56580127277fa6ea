import { appendFile, readFile, rename, stat } from 'node:fs/promises';

import { messageOf } from '../errors.ts';
import { isFailure, isTraceEntry, type TraceEntry } from './trace-entry.ts';

export interface CallFilter {
  readonly agent?: string | undefined;
  readonly tool?: string | undefined;
  readonly session?: string | undefined;
  readonly policy?: string | undefined;
  /** The rule that decided. */
  readonly rule?: string | undefined;
  /** Whether the call came to a good end. */
  readonly failed?: boolean | undefined;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  readonly project?: string | undefined;
  /** By the end; milliseconds since 1970 UTC. */
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
}

export interface CallSession {
  readonly session_id: string;
  readonly agent_id: string;
  readonly event_count: number;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly tools: readonly string[];
}

export interface CallLogOptions {
  /** A file of entries, one a line, that the newest are read from at the start and all are appended to. */
  readonly file?: string | undefined;
  readonly entriesMax?: number;
  readonly fileBytesMax?: number;
  readonly onProblem: (message: string) => void;
}

const ENTRIES_MAX = 10_000;
const FILE_BYTES_MAX = 10 * 1024 * 1024;
/** Files that were full, beside the present one: `.1` is the newest. */
const OLD_FILES = 5;
const FLUSH_MS = 100;
const QUEUED_MAX = 50_000;

/** The calls of late, in memory, and their file. */
export interface CallLog {
  /** Takes an entry without waiting; the file is written a moment later. */
  add(entry: TraceEntry): void;
  /** Newest first. */
  find(
    filter: CallFilter,
    page: { readonly offset: number; readonly limit: number },
  ): { readonly entries: readonly TraceEntry[]; readonly total: number };
  /** Those that came after the call of this span, oldest first; all that are held when it is not among them. */
  after(spanId: string, limit: number): readonly TraceEntry[];
  sessions(limit: number): readonly CallSession[];
  /** Of the calls that are held: how many each rule decided about, and when it did last. */
  byRule(): ReadonlyMap<string, { readonly calls: number; readonly lastAt: string }>;
  /** The first call that is held. */
  oldest(): TraceEntry | undefined;
  /** Calls since the start, and those that the file did not get. */
  counts(): { readonly held: number; readonly total: number; readonly unwritten: number };
  onAdded(listener: (entry: TraceEntry) => void): () => void;
  /** Resolves when what was added before stands in the file, or could not be written. */
  written(): Promise<void>;
  shutdown(): Promise<void>;
}

export async function openCallLog(options: CallLogOptions): Promise<CallLog> {
  const log = new FileCallLog(options);
  await log.load();
  return log;
}

class FileCallLog implements CallLog {
  readonly #options: CallLogOptions;
  readonly #entriesMax: number;
  /** A ring: the oldest stands at `#next` once it is full. */
  readonly #entries: TraceEntry[] = [];
  #next = 0;
  #total = 0;
  #unwritten = 0;
  #queued: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #fileBytes = 0;
  readonly #listeners = new Set<(entry: TraceEntry) => void>();

  constructor(options: CallLogOptions) {
    this.#options = options;
    this.#entriesMax = options.entriesMax ?? ENTRIES_MAX;
  }

  async load(): Promise<void> {
    const { file } = this.#options;
    if (file === undefined) return;
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    });
    this.#fileBytes = Buffer.byteLength(text);
    // A crash may have cut the last line short: what follows must not be joined to it.
    if (text !== '' && !text.endsWith('\n')) this.#queued.push('');
    for (const line of text.split('\n').slice(-this.#entriesMax - 1)) {
      const entry = parseEntry(line);
      if (entry !== undefined) this.#keep(entry);
    }
  }

  add(entry: TraceEntry): void {
    this.#total += 1;
    this.#keep(entry);
    if (this.#options.file !== undefined) this.#queue(entry);
    for (const listener of this.#listeners) listener(entry);
  }

  find(filter: CallFilter, { offset, limit }: { offset: number; limit: number }) {
    const fitting = this.#newestFirst().filter((entry) => fits(entry, filter));
    return { entries: fitting.slice(offset, offset + limit), total: fitting.length };
  }

  after(spanId: string, limit: number): readonly TraceEntry[] {
    const newestFirst = this.#newestFirst();
    const at = newestFirst.findIndex(({ span_id: id }) => id === spanId);
    const found = at < 0 ? newestFirst : newestFirst.slice(0, at);
    return found.slice(-limit).reverse();
  }

  sessions(limit: number): readonly CallSession[] {
    const sessions = new Map<string, CallSession>();
    for (const entry of this.#newestFirst()) {
      if (!entry.session_id) continue;
      const key = `${entry.session_id}\0${entry.agent_id}`;
      const known = sessions.get(key);
      if (known === undefined && sessions.size >= limit) continue;
      sessions.set(key, {
        session_id: entry.session_id,
        agent_id: entry.agent_id,
        event_count: (known?.event_count ?? 0) + 1,
        first_seen: entry.timestamp,
        last_seen: known?.last_seen ?? entry.timestamp,
        tools: [...new Set([...(known?.tools ?? []), entry.tool])],
      });
    }
    return [...sessions.values()];
  }

  byRule() {
    const rules = new Map<string, { calls: number; lastAt: string }>();
    for (const { policy_rule: rule, timestamp } of this.#newestFirst()) {
      const known = rules.get(rule);
      if (known === undefined) rules.set(rule, { calls: 1, lastAt: timestamp });
      else known.calls += 1;
    }
    return rules;
  }

  oldest(): TraceEntry | undefined {
    return this.#entries.length < this.#entriesMax ? this.#entries[0] : this.#entries[this.#next];
  }

  counts() {
    return { held: this.#entries.length, total: this.#total, unwritten: this.#unwritten };
  }

  onAdded(listener: (entry: TraceEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async written(): Promise<void> {
    clearTimeout(this.#timer);
    this.#flush();
    await this.#writing;
  }

  shutdown(): Promise<void> {
    return this.written();
  }

  #keep(entry: TraceEntry): void {
    if (this.#entries.length < this.#entriesMax) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % this.#entriesMax;
  }

  #newestFirst(): TraceEntry[] {
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)].reverse();
  }

  #queue(entry: TraceEntry): void {
    if (this.#queued.length >= QUEUED_MAX) {
      this.#unwritten += 1;
      return;
    }
    this.#queued.push(JSON.stringify(entry));
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    const lines = this.#queued;
    if (lines.length === 0) return;
    this.#queued = [];
    this.#writing = this.#writing
      .then(() => this.#write(`${lines.join('\n')}\n`))
      .catch((error: unknown) => {
        this.#unwritten += lines.length;
        this.#options.onProblem(`cannot write the trace file: ${messageOf(error)}`);
      });
  }

  async #write(text: string): Promise<void> {
    const file = this.#options.file!;
    if (this.#fileBytes >= (this.#options.fileBytesMax ?? FILE_BYTES_MAX)) {
      await rotate(file);
      this.#fileBytes = 0;
    }
    await appendFile(file, text, { mode: 0o600 });
    this.#fileBytes += Buffer.byteLength(text);
  }
}

/** `file` becomes `file.1`, that `file.2`, and the oldest goes. */
async function rotate(file: string): Promise<void> {
  for (let number = OLD_FILES; number >= 1; number--) {
    const from = number === 1 ? file : `${file}.${number - 1}`;
    const present = await stat(from).catch(() => undefined);
    if (present !== undefined) await rename(from, `${file}.${number}`);
  }
}

function parseEntry(line: string): TraceEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isTraceEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function fits(entry: TraceEntry, filter: CallFilter): boolean {
  const { agent, tool, session, policy, rule, failed, traceId, spanId, fromMs, toMs } = filter;
  if (filter.project !== undefined && entry.project !== filter.project) return false;
  if (agent !== undefined && entry.agent_id !== agent) return false;
  if (tool !== undefined && entry.tool !== tool) return false;
  if (session !== undefined && entry.session_id !== session) return false;
  if (policy !== undefined && entry.policy !== policy) return false;
  if (rule !== undefined && entry.policy_rule !== rule) return false;
  if (failed !== undefined && isFailure(entry) !== failed) return false;
  if (traceId !== undefined && entry.trace_id !== traceId) return false;
  if (spanId !== undefined && entry.span_id !== spanId) return false;
  if (fromMs === undefined && toMs === undefined) return true;
  const atMs = Date.parse(entry.timestamp);
  return (fromMs === undefined || atMs >= fromMs) && (toMs === undefined || atMs < toMs);
}
