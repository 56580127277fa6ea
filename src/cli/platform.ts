import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { environment } from '../config.ts';
import { composeFile } from '../platform/compose-file.ts';
import { loadDeclaration } from '../platform/load-declaration.ts';
import type { LoadedDeclaration } from '../platform/load-declaration.ts';
import { planLocally, portWishes, productCommand } from '../platform/local-plan.ts';
import { startPlatform } from '../platform/start-platform.ts';
import { foldersOf, makeFolders, readState } from '../platform/state-file.ts';
import { decideTelemetry } from '../platform/telemetry-target.ts';
import { reportFailure } from './failure.ts';
import { changesOf, planText, upText } from './platform-text.ts';
import { paint } from './terminal.ts';
import { productVersion } from './version.ts';

export interface PlanFlags {
  readonly file: string;
  readonly stateDir?: string;
  readonly provider: 'local' | 'docker';
  readonly transport?: 'http' | 'nats';
  readonly json?: true;
}

export interface UpFlags extends PlanFlags {
  readonly detach?: true;
  readonly quiet?: true;
  readonly output: string;
}

const POLL_MS = 50;
const LAST_LINES = 20;
/** Ctrl-C under npm arrives twice; what comes this soon is the same signal. */
const SAME_SIGNAL_MS = 250;

/** `signalbox platform plan`. */
export async function plan(flags: PlanFlags): Promise<void> {
  const { declaration, file } = await load(flags);
  if (flags.provider === 'docker') {
    console.log(composeOf({ declaration, file }, process.cwd()).trimEnd());
    return;
  }
  const folders = foldersOf(file, flags.stateDir);
  const target = decideTelemetry(declaration.telemetry, environment());
  const chosen = new Map(portWishes(declaration, target).map(({ key, port }) => [key, port]));
  const plans = planLocally({
    declaration,
    file,
    target,
    environment: environment(),
    portOf: (key) => chosen.get(key) ?? '<free port>',
    dataDir: folders.data,
    gatewayDir: folders.gateway,
  });
  const running = readState(folders)?.processes ?? [];
  if (!flags.json) {
    console.log(planText(declaration.name, target, plans, running));
    return;
  }
  const changes = new Map(changesOf(plans, running).map(({ change, name }) => [name, change]));
  const processes = plans.map(({ command, env, kind, name, needs, serviceName, url }) => ({
    name,
    kind,
    serviceName,
    change: changes.get(name),
    command,
    env: { ...env, ...('MODEL_API_KEY' in env && { MODEL_API_KEY: '<hidden>' }) },
    url,
    needs,
  }));
  console.log(JSON.stringify({ platform: declaration.name, telemetry: target, processes }));
}

/** `signalbox platform up`: runs until a signal comes, or returns once all is ready with `--detach`. */
export async function up(flags: UpFlags): Promise<void> {
  const loaded = await load(flags);
  if (flags.provider === 'docker') return writeCompose(loaded, flags.output);
  if (flags.detach) return await upDetached(loaded.file, flags);
  const stopping = new AbortController();
  const starting = startPlatform(
    {
      ...loaded,
      stateDir: flags.stateDir,
      environment: environment(),
      onOutput: (name, line) => {
        if (!flags.quiet) console.error(`${paint(process.stderr, 'dim', name.padEnd(16))} ${line}`);
      },
      onState: (name, state) => console.error(`${name} is ${state}`),
    },
    stopping.signal,
  );
  // A start that is broken off has stopped what it had started once it rejects.
  stopOnSignals(stopping, async () => (await starting.catch(() => undefined))?.shutdown());
  const running = await starting.catch((error: unknown) => {
    process.exit(stopping.signal.aborted ? 0 : reportFailure(error));
  });
  console.log(upText(running.state()));
}

function composeOf(loaded: LoadedDeclaration, outputFolder: string): string {
  const target = decideTelemetry(loaded.declaration.telemetry, environment());
  return composeFile({ ...loaded, outputFolder, target, version: productVersion() });
}

/** Containers are for Docker to start: nothing is started here. */
function writeCompose(loaded: LoadedDeclaration, output: string): void {
  const path = resolve(output);
  writeFileSync(path, composeOf(loaded, dirname(path)));
  console.error(`Wrote ${path}. \`docker compose --file ${output} up --detach\` starts it.`);
}

async function load(flags: PlanFlags): Promise<LoadedDeclaration> {
  const { declaration, file } = await loadDeclaration(flags.file);
  const { transport } = flags;
  if (transport === undefined) return { declaration, file };
  const agents = Object.fromEntries(
    Object.entries(declaration.agents).map(([name, agent]) => [name, { ...agent, transport }]),
  );
  return { file, declaration: { ...declaration, agents } };
}

function stopOnSignals(stopping: AbortController, shutdown: () => Promise<void>): void {
  let firstAt: number | undefined;
  const stop = (): void => {
    const now = performance.now();
    if (firstAt !== undefined) {
      // What is left running is found by the next `up` or `down`.
      if (now - firstAt > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    firstAt = now;
    stopping.abort();
    console.error('Stopping. A second signal stops at once.');
    shutdown().then(
      () => process.exit(0),
      (error: unknown) => process.exit(reportFailure(error)),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

async function upDetached(file: string, flags: UpFlags): Promise<void> {
  const folders = foldersOf(file, flags.stateDir);
  makeFolders(folders);
  const log = join(folders.logs, 'platform.log');
  const output = openSync(log, 'w', 0o600);
  const rest = flags.transport === undefined ? [] : ['--transport', flags.transport];
  const child = spawn(
    process.execPath,
    [
      productCommand(),
      'platform',
      'up',
      '--file',
      file,
      '--quiet',
      '--state-dir',
      folders.state,
      ...rest,
    ],
    { detached: true, stdio: ['ignore', output, output] },
  );
  closeSync(output);
  let exitCode: number | undefined;
  child.once('exit', (code) => (exitCode = code ?? 1));
  for (;;) {
    const state = readState(folders);
    if (state?.phase === 'ready' && state.supervisor.pid === child.pid) {
      child.unref();
      console.log(upText(state));
      return;
    }
    if (exitCode !== undefined) break;
    await delay(POLL_MS);
  }
  const said = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LAST_LINES);
  console.error(said.join('\n'));
  process.exitCode = exitCode === 0 ? 1 : exitCode;
}
