import { setTimeout as sleep } from 'node:timers/promises';

import { AppError } from '../errors.ts';
import { otlpTargetOf, parseHeaderLine } from '../exporter/otlp-target.ts';
import { agentProcessOf, endProcess, isRunning } from '../session/agent-process.ts';
import { findSession, listSessions, readEvents } from '../session/read-session.ts';
import type { Session, SessionFolders } from '../session/read-session.ts';
import { textIn } from '../session/session-event.ts';
import { SessionGuard } from '../session/session-guard.ts';
import type { Violation } from '../session/session-guard.ts';
import { placeOf } from '../session/session-spans.ts';
import { SessionStream } from '../session/session-stream.ts';
import { summarizeSession } from '../session/session-summary.ts';
import { SessionTail } from '../session/session-tail.ts';
import { appendEvents } from '../session/session-writer.ts';
import type { SpanStyleName } from '../session/span-style.ts';
import { foldersOf, keyOf, nowNs } from './session-place.ts';
import type { Environment, PlaceFlags } from './session-place.ts';
import { productVersion } from './version.ts';

export interface WatchFlags extends PlaceFlags {
  readonly streamTo?: string;
  readonly streamBatchSize: number;
  readonly streamFlushInterval: number;
  readonly header?: readonly string[];
  readonly format: SpanStyleName;
  readonly serviceName: string;
  readonly maxCost?: number;
  readonly maxDuration?: number;
  readonly maxRetries?: number;
  readonly loopThreshold?: number;
  readonly onViolation: 'report' | 'pause' | 'kill';
  readonly pid?: number;
  readonly once?: true;
}

const POLL_MS = 100;
/** How long the receiver is waited for when the session is over. */
const DRAIN_MS = 30_000;

/** `signalbox watch`: exit 0 at the end, 1 after a violation, 2 when spans are left that nobody took. */
export async function watch(
  id: string | undefined,
  flags: WatchFlags,
  env: Environment,
): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const folders = foldersOf(flags, env);
  const session =
    id === undefined
      ? await openSession(folders, flags, stopping.signal)
      : findSession(folders, id);
  if (session === undefined) return;
  console.error(`Watching ${session.id} (${session.meta.agent_name}).`);
  const watcher = new Watcher({ session, flags, env, folders });
  await watcher.run(stopping.signal);
}

/** The latest session that has not ended, or the next one that begins. */
async function openSession(
  folders: SessionFolders,
  flags: WatchFlags,
  signal: AbortSignal,
): Promise<Session | undefined> {
  let told = false;
  while (!signal.aborted) {
    const sessions = listSessions(folders).filter(
      ({ meta, foreign }) => meta.parent_session_id === '' && !foreign,
    );
    const open = sessions.findLast((session) => !summarizeSession(session).ended);
    if (open !== undefined) return open;
    if (flags.once) {
      const latest = sessions.at(-1);
      if (latest !== undefined) return latest;
      throw new AppError('NOT_FOUND', `there are no sessions in ${folders.root}`);
    }
    if (!told) console.error(`Waiting for a session in ${folders.root}.`);
    told = true;
    await sleep(POLL_MS * 5, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** One session of those that are watched: the main one, or a sub-agent's. */
interface Watched {
  readonly session: Session;
  readonly tail: SessionTail;
  readonly stream: SessionStream | undefined;
  ended: boolean;
}

class Watcher {
  readonly #main: Session;
  readonly #flags: WatchFlags;
  readonly #env: Environment;
  readonly #folders: SessionFolders;
  readonly #guard: SessionGuard;
  readonly #watched = new Map<string, Watched>();
  #violations = 0;
  #killed: string | undefined;
  #lastProblem = '';
  #mayHaveChildren = false;
  #flushing: Promise<void> | undefined;
  #flushError: unknown;

  constructor(parts: {
    session: Session;
    flags: WatchFlags;
    env: Environment;
    folders: SessionFolders;
  }) {
    const { session, flags } = parts;
    this.#main = session;
    this.#flags = flags;
    this.#env = parts.env;
    this.#folders = parts.folders;
    const { maxCost, maxDuration, maxRetries, loopThreshold } = flags;
    this.#guard = new SessionGuard(BigInt(session.meta.started_at_ns), {
      maxCost,
      maxDuration,
      maxRetries,
      loopThreshold,
    });
    this.#follow(session);
  }

  async run(signal: AbortSignal): Promise<void> {
    let flushedAt = performance.now();
    for (;;) {
      await this.#readNew();
      if (this.#flushError !== undefined) throw this.#flushError;
      const main = this.#watched.get(this.#main.id)!;
      const over =
        main.ended || this.#killed !== undefined || signal.aborted || this.#flags.once === true;
      const due = performance.now() - flushedAt >= this.#flags.streamFlushInterval * 1000;
      const full = [...this.#watched.values()].some(
        ({ stream }) => (stream?.waitingSpans ?? 0) >= this.#flags.streamBatchSize,
      );
      if (over) break;
      if (due || full) {
        this.#startFlush(signal);
        flushedAt = performance.now();
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
    await this.#flushing;
    await this.#close();
  }

  #follow(session: Session): void {
    if (this.#watched.has(session.id)) return;
    const stream = this.#streamOf(session);
    this.#watched.set(session.id, {
      session,
      tail: new SessionTail(session),
      stream,
      ended: false,
    });
  }

  #streamOf(session: Session): SessionStream | undefined {
    const flags = this.#flags;
    if (flags.streamTo === undefined) return undefined;
    const headers = Object.fromEntries((flags.header ?? []).map(parseHeaderLine));
    const target = otlpTargetOf(
      'traces',
      { exactUrl: flags.streamTo, headers },
      withoutEndpoints(this.#env),
    )!;
    const byId = new Map(listSessions(this.#folders).map((each) => [each.id, each]));
    return new SessionStream(session, {
      target,
      style: flags.format,
      serviceName: flags.serviceName,
      productVersion: productVersion(),
      place: placeOf(session, byId),
      batchSize: flags.streamBatchSize,
      onProblem: (message) => {
        // The same at every try would fill a terminal.
        if (message !== this.#lastProblem) console.error(message);
        this.#lastProblem = message;
      },
    });
  }

  async #readNew(): Promise<void> {
    for (const watched of Array.from(this.#watched.values())) {
      for (const event of watched.tail.read()) {
        watched.ended =
          event.type === 'session_end' || (watched.ended && event.type !== 'session_start');
        watched.stream?.add(event);
        await this.#act(this.#guard.add(event));
        // The session of a sub-agent begins after the call that starts it.
        if (event.type === 'tool_call') {
          this.#mayHaveChildren ||= /^(?:Task|Agent)$/.test(textIn(event.data, 'tool_name'));
        }
      }
      if (watched.ended && watched.session !== this.#main) watched.stream?.finish();
    }
    if (this.#mayHaveChildren) this.#followChildren();
    await this.#act(this.#guard.tick(nowNs()));
  }

  #followChildren(): void {
    for (const session of listSessions(this.#folders)) {
      if (this.#watched.has(session.meta.parent_session_id)) this.#follow(session);
    }
  }

  async #act(violations: readonly Violation[]): Promise<void> {
    for (const violation of violations) {
      if (this.#killed !== undefined) return;
      this.#violations += 1;
      const { onViolation: action } = this.#flags;
      console.error(
        `${this.#main.id}: ${violation.message}, which breaks ${violation.rule} ${violation.limit}: ${action}`,
      );
      this.#record(violation, action);
      if (action === 'report') continue;
      const pid = this.#flags.pid ?? agentProcessOf(this.#main);
      if (pid === undefined || !isRunning(pid)) {
        console.error('No running process of this session is known; name one with --pid.');
      } else if (action === 'pause') {
        process.kill(pid, 'SIGSTOP');
        console.error(`Process ${pid} is paused; \`kill -CONT ${pid}\` lets it go on.`);
      } else {
        await endProcess(pid);
        this.#killed = violation.message;
      }
    }
  }

  /** A guard's doing is part of what happened. */
  #record({ rule, value, limit }: Violation, action: string): void {
    if (this.#main.foreign) return;
    const data = { decision: 'policy_intervention', rule, value, limit, action };
    // One watch after another reads the session from its start, and finds the same again.
    for (const { type, data: told } of readEvents(this.#main)) {
      const same = told['rule'] === rule && told['limit'] === limit && told['action'] === action;
      if (type === 'decision' && same) return;
    }
    appendEvents(this.#main.directory, [{ type: 'decision', data }], {
      key: keyOf(this.#env),
      nowNs,
    });
  }

  async #flush(signal?: AbortSignal): Promise<void> {
    for (const { stream } of this.#watched.values()) await stream?.flush(signal);
  }

  /** Without waiting: a receiver that does not answer must not hold the guard up. */
  #startFlush(signal: AbortSignal): void {
    this.#flushing ??= this.#flush(signal)
      .catch((error: unknown) => {
        this.#flushError = error;
      })
      .finally(() => {
        this.#flushing = undefined;
      });
  }

  async #close(): Promise<void> {
    // What the guard recorded, and what came while it worked.
    await this.#readNew();
    const main = this.#watched.get(this.#main.id)!;
    if (main.ended || this.#killed !== undefined) {
      for (const { stream } of this.#watched.values()) stream?.finish(this.#killed);
    }
    const deadline = performance.now() + DRAIN_MS;
    let waiting: number;
    for (;;) {
      await this.#flush();
      waiting = this.#sum('waiting');
      const denied = [...this.#watched.values()].some(({ stream }) => stream?.denied === true);
      const over = waiting === 0 || denied || this.#flags.once === true;
      if (over || performance.now() >= deadline) break;
      await sleep(1_000);
    }
    if (this.#flags.streamTo !== undefined) {
      const rejected = this.#sum('rejected');
      console.error(
        `Streamed ${this.#sum('sent')} spans${rejected > 0 ? `, ${rejected} rejected` : ''}.`,
      );
      if (waiting > 0)
        console.error(
          `${waiting} requests wait on the disk; the next \`signalbox watch\` of this session sends them.`,
        );
    }
    if (waiting > 0) process.exitCode = 2;
    else if (this.#violations > 0 || this.#sum('rejected') > 0) process.exitCode = 1;
  }

  #sum(what: 'sent' | 'rejected' | 'waiting'): number {
    return [...this.#watched.values()].reduce(
      (sum, { stream }) => sum + (stream?.counts[what] ?? 0),
      0,
    );
  }
}

/** The flag names the address; headers and the like may still come from the standard variables. */
const withoutEndpoints = (env: Environment): Environment =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^OTEL_EXPORTER_OTLP_(?:\w+_)?ENDPOINT$/.test(name)),
  );
