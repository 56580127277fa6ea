import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

import { messageOf } from '../errors.ts';
import type { ProcessPlan } from './local-plan.ts';
import { eachLine } from './log-file.ts';
import { isReady } from './probe.ts';
import { identify, signalGroup } from './process-group.ts';
import type { ProcessId } from './process-group.ts';
import type { ProcessRecord, ProcessState } from './state-file.ts';
import type { Environment } from './telemetry-target.ts';

/** How patient the supervision is; a test's is quicker. */
export interface SupervisionTimes {
  /** The first wait before a process is started again; each further one is twice as long, up to `backoffMaxMs`. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  /** Who ran this long has recovered, and the next wait is the first again. */
  readonly stableMs: number;
  /** Starts in a row without recovering, after which a process is given up. */
  readonly attemptsMax: number;
  /** The same for a process that was never ready: then somebody waits to be told why. */
  readonly firstAttemptsMax: number;
  /** Between two questions whether a process is ready, before it is and afterwards. */
  readonly probeStartMs: number;
  readonly probeMs: number;
  /** Unready answers in a row, once it was ready, after which it is started again. */
  readonly unreadyMax: number;
  /** How long a process may take to be ready. */
  readonly readyMs: number;
  /** How long a process may take to end after SIGTERM. */
  readonly stopMs: number;
}

export const DEFAULT_TIMES: SupervisionTimes = {
  backoffMs: 500,
  backoffMaxMs: 30_000,
  stableMs: 60_000,
  attemptsMax: 8,
  firstAttemptsMax: 3,
  probeStartMs: 100,
  probeMs: 5_000,
  unreadyMax: 3,
  readyMs: 60_000,
  stopMs: 10_000,
};

export interface SupervisionOptions {
  readonly plan: ProcessPlan;
  readonly environment: Environment;
  readonly times: SupervisionTimes;
  /** Called right before the first start, when its ports may be let go. */
  readonly beforeStart: () => Promise<void>;
  readonly onOutput: (line: string, stream: 'stdout' | 'stderr') => void;
  readonly onChange: () => void;
}

/** How long the output of an ended process may stay open. */
const OUTPUT_END_MS = 1_000;

interface Exit {
  readonly text: string;
  readonly failed: boolean;
}

/** One process that is kept running. It leads a process group, so that what it starts ends with it. */
export class SupervisedProcess {
  readonly plan: ProcessPlan;
  readonly #options: SupervisionOptions;
  readonly #stopping = new AbortController();
  #state: ProcessState = 'planned';
  #sinceMs = Date.now();
  #current: { readonly child: ChildProcess; readonly id: ProcessId } | undefined;
  #restarts = 0;
  #lastExit: string | null = null;
  #wasReady = false;
  #running: Promise<void> | undefined;

  constructor(options: SupervisionOptions) {
    this.plan = options.plan;
    this.#options = options;
  }

  record(): ProcessRecord {
    return {
      name: this.plan.name,
      kind: this.plan.kind,
      serviceName: this.plan.serviceName ?? null,
      state: this.#state,
      url: this.plan.url ?? null,
      process: this.#current?.id ?? null,
      restarts: this.#restarts,
      lastExit: this.#lastExit,
      sinceMs: this.#sinceMs,
      digest: this.plan.digest,
    };
  }

  /** Starts it and resolves once it is ready for the first time; rejects with why it never was. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#running = this.#keepRunning(resolve).then(
        () => reject(new Error(this.#lastExit ?? 'it was stopped')),
        reject,
      );
    });
  }

  /** Ends it and all that it started. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#current) await endGroup(this.#current.child, this.#options.times.stopMs, 'stopped');
    await this.#running;
  }

  async #keepRunning(onReady: () => void): Promise<void> {
    const { beforeStart, times } = this.#options;
    const { restart } = this.plan;
    await beforeStart();
    for (let attempts = 1; ; attempts++) {
      if (this.#stopping.signal.aborted) return this.#become('stopped');
      const startedAt = performance.now();
      const exit = await this.#live(onReady);
      if (this.#stopping.signal.aborted) return this.#become('stopped');
      this.#lastExit = exit.text;
      if (restart === 'never' || (restart === 'on-failure' && !exit.failed)) {
        return this.#become(exit.failed ? 'failed' : 'stopped');
      }
      if (performance.now() - startedAt >= times.stableMs) attempts = 1;
      const attemptsMax = this.#wasReady ? times.attemptsMax : times.firstAttemptsMax;
      if (attempts >= attemptsMax) return this.#become('failed');
      this.#become('waiting');
      const waitMs = Math.min(times.backoffMs * 2 ** (attempts - 1), times.backoffMaxMs);
      await pause(waitMs, this.#stopping.signal);
      this.#restarts++;
    }
  }

  /** One life of the process, from its start to its end. */
  async #live(onReady: () => void): Promise<Exit> {
    const { times } = this.#options;
    this.#become('starting');
    const child = launch(this.#options);
    const ended = endOf(child);
    const id = child.pid === undefined ? undefined : identify(child.pid);
    if (id !== undefined) this.#current = { child, id };
    this.#options.onChange();
    const life = new AbortController();
    const unready = this.#watch(life.signal, onReady).then(
      (why) => why && endGroup(child, times.stopMs, why),
    );
    const exit = await ended;
    life.abort();
    const why = await unready;
    // Whatever it started and did not end.
    if (child.pid !== undefined) {
      signalGroup(child.pid, 'SIGKILL');
      await outputEnd(child);
    }
    this.#current = undefined;
    return why === undefined ? exit : { text: why, failed: true };
  }

  /** Asks for readiness as long as the process lives; resolves with why it must be started again, if it must. */
  async #watch(signal: AbortSignal, onReady: () => void): Promise<string | undefined> {
    const { times } = this.#options;
    const { probe } = this.plan;
    const startedAt = performance.now();
    let unready = 0;
    let wasReady = false;
    // Whoever says nothing of itself is believed once it has lived for a moment.
    if (probe.kind === 'process') await pause(times.probeStartMs * 3, signal);
    while (!signal.aborted) {
      const ready = await isReady(probe);
      if (signal.aborted) return undefined;
      if (ready) {
        [unready, wasReady, this.#wasReady] = [0, true, true];
        this.#become('running');
        onReady();
        if (probe.kind === 'process') return undefined;
      } else if (wasReady) {
        this.#become('unready');
        if (++unready >= times.unreadyMax) return `unready ${unready} times in a row`;
      } else if (performance.now() - startedAt > times.readyMs) {
        return `not ready within ${times.readyMs / 1_000} s`;
      }
      await pause(wasReady ? times.probeMs : times.probeStartMs, signal);
    }
    return undefined;
  }

  #become(next: ProcessState): void {
    if (this.#state === next) return;
    this.#state = next;
    this.#sinceMs = Date.now();
    this.#options.onChange();
  }
}

/** Ends early when the signal comes. */
async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await delay(durationMs, undefined, { signal }).catch(() => undefined);
}

function launch({ environment, onOutput, plan }: SupervisionOptions): ChildProcess {
  const [program, ...args] = plan.command;
  const child = spawn(program, args, {
    cwd: plan.cwd,
    env: Object.fromEntries(
      Object.entries({ ...environment, ...plan.env }).filter(([, value]) => value !== undefined),
    ),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  eachLine(child.stdout, (line) => onOutput(line, 'stdout'));
  eachLine(child.stderr, (line) => onOutput(line, 'stderr'));
  return child;
}

function endOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) {
        resolve({ text: `cannot be started: ${messageOf(error)}`, failed: true });
      }
    });
    child.once('exit', (code, signal) =>
      resolve({ text: signal ?? `exit ${code}`, failed: code !== 0 }),
    );
  });
}

/** Until the last line has come: it may say why the process ended. */
async function outputEnd(child: ChildProcess): Promise<void> {
  const patience = new AbortController();
  const streams = [child.stdout, child.stderr].filter((stream) => stream && !stream.closed);
  const closed = streams.map((stream) => new Promise((resolve) => stream!.once('close', resolve)));
  await Promise.race([Promise.all(closed), pause(OUTPUT_END_MS, patience.signal)]);
  patience.abort();
}

/** SIGTERM for the whole group, SIGKILL when the process has not ended in time. Answers `why`. */
async function endGroup(child: ChildProcess, stopMs: number, why: string): Promise<string> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return why;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  signalGroup(child.pid, 'SIGTERM');
  const patience = new AbortController();
  const late = delay(stopMs, 'late', { signal: patience.signal }).catch(() => undefined);
  if ((await Promise.race([ended, late])) === 'late') signalGroup(child.pid, 'SIGKILL');
  patience.abort();
  await ended;
  return why;
}
