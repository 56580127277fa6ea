import { join } from 'node:path';

import { ClosingStack } from '../base/closing-stack.ts';
import { AppError, messageOf } from '../errors.ts';
import type { PlatformDeclaration } from './declaration.ts';
import type { ProcessPlan } from './local-plan.ts';
import { planLocally, portWishes } from './local-plan.ts';
import { openLogFile } from './log-file.ts';
import { takeLock } from './platform-lock.ts';
import { identify } from './process-group.ts';
import type { ReservedPorts } from './reserve-ports.ts';
import { reservePorts } from './reserve-ports.ts';
import { foldersOf, makeFolders, readState, removeState, writeState } from './state-file.ts';
import type { PlatformFolders, PlatformState, ProcessState } from './state-file.ts';
import { endOrphans } from './stop-platform.ts';
import type { SupervisionTimes } from './supervised-process.ts';
import { DEFAULT_TIMES, SupervisedProcess } from './supervised-process.ts';
import { decideTelemetry } from './telemetry-target.ts';
import type { Environment, TelemetryTarget } from './telemetry-target.ts';
import { BACKEND } from './wiring.ts';

export interface StartOptions {
  readonly declaration: PlatformDeclaration;
  readonly file: string;
  /** Where state, logs and data are kept; `.signalbox` beside the declaration when not given. */
  readonly stateDir?: string | undefined;
  readonly environment: Environment;
  readonly times?: SupervisionTimes;
  readonly onOutput?: (process: string, line: string) => void;
  readonly onState?: (process: string, state: ProcessState) => void;
}

export interface RunningPlatform {
  state(): PlatformState;
  /** Stops every process, those that need others first, and lets go of the folder. Safe to call twice. */
  shutdown(): Promise<void>;
}

/** Lines of a process's output that are kept to say why it did not start. */
const LAST_LINES = 15;

/**
 * Starts everything that a platform declares and returns once all of it is ready. When something does not start,
 * what did is stopped again and `PLATFORM_START_FAILED` says why. Throws `PLATFORM_RUNNING` when it is up already.
 */
export async function startPlatform(
  options: StartOptions,
  signal?: AbortSignal,
): Promise<RunningPlatform> {
  const folders = foldersOf(options.file, options.stateDir);
  makeFolders(folders);
  const opened = new ClosingStack();
  try {
    const lock = takeLock(folders.state);
    if (lock.kind === 'held') {
      throw new AppError(
        'PLATFORM_RUNNING',
        `the platform ${options.declaration.name} is up already (process ${lock.by.pid}); \`signalbox platform down\` stops it.`,
      );
    }
    opened.add(() => lock.release());
    await endOrphans(readState(folders), options.times?.stopMs ?? DEFAULT_TIMES.stopMs);
    const target = decideTelemetry(options.declaration.telemetry, options.environment);
    const ports = await reservePorts(portWishes(options.declaration, target));
    opened.add(() => ports.close());
    return await start({ ...options, folders, target, ports, opened, signal });
  } catch (error) {
    await opened.close();
    throw error;
  }
}

interface Start extends StartOptions {
  readonly folders: PlatformFolders;
  readonly target: TelemetryTarget;
  readonly ports: ReservedPorts;
  readonly opened: ClosingStack;
  readonly signal: AbortSignal | undefined;
}

async function start(options: Start): Promise<RunningPlatform> {
  const { declaration, environment, file, folders, opened, ports, target } = options;
  const plans = planLocally({
    declaration,
    file,
    target,
    environment,
    portOf: (key) => ports.portOf(key),
    dataDir: folders.data,
    gatewayDir: folders.gateway,
  });
  const startedAtMs = Date.now();
  let phase: PlatformState['phase'] = 'starting';
  let signInUrl: string | null = null;
  const processes: SupervisedProcess[] = [];
  const state = (): PlatformState => ({
    version: 1,
    platform: declaration.name,
    file,
    phase,
    supervisor: identify(process.pid)!,
    startedAtMs,
    telemetry: addressOf(target, plans),
    signInUrl,
    processes: processes.map((each) => each.record()),
  });
  const told = new Map<string, ProcessState>();
  const save = (): void => {
    writeState(folders, state());
    for (const each of processes) {
      const { name, state: now } = each.record();
      if (told.get(name) !== now) options.onState?.(name, now);
      told.set(name, now);
    }
  };
  const watched = plans.map((plan) =>
    supervise(options, plan, { onChange: save, onSignInUrl: (url) => (signInUrl = url) }),
  );
  processes.push(...watched.map(({ supervised }) => supervised));
  opened.add(() => removeState(folders));
  opened.add(() => stopInReverse(processes));
  save();
  await startInOrder(watched, options.signal);
  phase = 'ready';
  save();
  let stopping: Promise<void> | undefined;
  return {
    state,
    shutdown: () => {
      phase = 'stopping';
      return (stopping ??= opened.close());
    },
  };
}

interface Watched {
  readonly supervised: SupervisedProcess;
  /** What it wrote last. */
  readonly lines: readonly string[];
}

function supervise(
  { environment, folders, onOutput, opened, ports, times = DEFAULT_TIMES }: Start,
  plan: ProcessPlan,
  told: { readonly onChange: () => void; readonly onSignInUrl: (url: string) => void },
): Watched {
  const log = openLogFile(join(folders.logs, `${plan.name}.log`));
  opened.add(() => log.close());
  const lines: string[] = [];
  const supervised = new SupervisedProcess({
    plan,
    environment,
    times,
    beforeStart: () => ports.release(plan.name),
    onChange: told.onChange,
    onOutput: (line, stream) => {
      if (plan.outputIsPrivate && stream === 'stdout') {
        const url = /Sign in\s+(\S+)/.exec(line)?.[1];
        if (url !== undefined) told.onSignInUrl(url);
        return;
      }
      log.write(line);
      lines.push(line);
      if (lines.length > LAST_LINES) lines.shift();
      onOutput?.(plan.name, line);
    },
  });
  return { supervised, lines };
}

function addressOf(target: TelemetryTarget, plans: readonly ProcessPlan[]): string | null {
  if (target.kind === 'endpoint') return target.endpoint;
  return plans.find(({ name }) => name === BACKEND)?.url ?? null;
}

/** Starts each process once those that it needs are ready. Throws the first failure. */
async function startInOrder(
  watched: readonly Watched[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const ready = new Map<string, Promise<void>>();
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void =>
      reject(new AppError('PLATFORM_START_FAILED', 'the start was stopped.'));
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
  let failure: unknown;
  for (const { lines, supervised } of watched) {
    const needed = supervised.plan.needs.map((name) => ready.get(name) ?? Promise.resolve());
    const started = Promise.all(needed).then(async () => {
      if (failure === undefined) await supervised.start();
    });
    ready.set(
      supervised.plan.name,
      started.catch((error: unknown) => {
        failure ??= startFailure(supervised.plan, error, lines);
        throw failure;
      }),
    );
  }
  // A failure of one is told once, below.
  for (const each of ready.values()) each.catch(() => undefined);
  aborted.catch(() => undefined);
  await Promise.race([Promise.all(ready.values()), aborted]);
}

function startFailure(plan: ProcessPlan, error: unknown, lines: readonly string[]): AppError {
  if (error instanceof AppError) return error;
  const said = lines.length === 0 ? '' : `\n  ${lines.join('\n  ')}`;
  return new AppError(
    'PLATFORM_START_FAILED',
    `${plan.name} did not start (${messageOf(error)}): ${plan.command.join(' ')}${said}`,
    { cause: error },
  );
}

/** Channels first, so that nobody is asked who is gone; the backend last, so that it hears of everything. */
async function stopInReverse(processes: readonly SupervisedProcess[]): Promise<void> {
  const order = ['channel', 'agent', 'gateway', 'service', 'nats', 'backend'];
  for (const kind of order) {
    const some = processes.filter(({ plan }) => plan.kind === kind);
    await Promise.all(some.map((each) => each.stop()));
  }
}
