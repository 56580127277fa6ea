import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

import { AppError } from '../errors.ts';
import type { PlatformDeclaration, Run } from './declaration.ts';
import { agentServiceName, agentSubject } from './service-name.ts';
import type { Environment, TelemetryTarget } from './telemetry-target.ts';
import {
  BACKEND,
  GATEWAY,
  NATS,
  needsOwnNats,
  serviceVariables,
  telemetryVariables,
  wirePlatform,
} from './wiring.ts';
import type { Placement, WiredProcess, WiringOptions } from './wiring.ts';

const HOST = '127.0.0.1';

/** How the readiness of a local process is asked for. */
export type Probe =
  | { readonly kind: 'http'; readonly url: string }
  /** Asks the NATS server's monitor whether somebody listens to the subject. */
  | { readonly kind: 'subject'; readonly subject: string; readonly monitorUrl: string }
  | { readonly kind: 'process' };

export interface ProcessPlan {
  readonly name: string;
  readonly kind: WiredProcess['kind'] | 'backend' | 'nats' | 'gateway';
  readonly serviceName: string | undefined;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** Added to the environment that `signalbox platform up` has; undefined takes a variable away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly url: string | undefined;
  readonly probe: Probe;
  readonly restart: WiredProcess['restart'];
  readonly needs: readonly string[];
  /** Its standard output holds secrets that are told once and is not logged. */
  readonly outputIsPrivate: boolean;
  /** Of all of the above but addresses and secrets: what is different is to be restarted. */
  readonly digest: string;
}

/** A port that a process wants; `port` when it must be that one, `preferred` when another will do. */
export interface PortWish {
  readonly key: string;
  readonly port?: number | undefined;
  readonly preferred?: number;
}

export interface LocalPlanOptions {
  readonly declaration: PlatformDeclaration;
  /** The declaration's file. */
  readonly file: string;
  readonly target: TelemetryTarget;
  readonly environment: Environment;
  /** A port, or a word that stands for one that is not chosen yet, for each wish. */
  readonly portOf: (key: string) => number | string;
  /** Where the Signalbox that is started keeps its data, and where the gateway does. */
  readonly dataDir: string;
  readonly gatewayDir: string;
}

const BACKEND_GRPC = `${BACKEND}:grpc`;
const NATS_MONITOR = `${NATS}:monitor`;

export function portWishes(declaration: PlatformDeclaration, target: TelemetryTarget): PortWish[] {
  const { agents, channels = {}, gateway, services = {} } = declaration;
  const declared = Object.entries({ ...services, ...agents, ...channels })
    .filter(([name, { health }]) => agents[name]?.transport !== 'nats' && health !== false)
    .map(([key, { port }]) => ({ key, port }));
  return [
    ...(target.kind === 'own'
      ? [
          { key: BACKEND, preferred: 4318 },
          { key: BACKEND_GRPC, preferred: 4317 },
        ]
      : []),
    ...(needsOwnNats(declaration) ? [{ key: NATS }, { key: NATS_MONITOR }] : []),
    ...(gateway === undefined ? [] : [{ key: GATEWAY, port: gateway.port }]),
    ...declared,
  ];
}

/** The processes that a platform is on this machine, each after those that it needs. */
export function planLocally(options: LocalPlanOptions): ProcessPlan[] {
  const { declaration, environment, target } = options;
  const placement: Placement = {
    listenHost: HOST,
    hostOf: () => HOST,
    portOf: options.portOf,
    secretOf: (variable) => environment[variable],
  };
  const backend = target.kind === 'own' ? [planBackend(options)] : [];
  const nats = needsOwnNats(declaration) ? [planNats(options)] : [];
  const wiring = { declaration, target, placement };
  const wired = wirePlatform(wiring).map((process) => planProcess(options, process));
  const services = wired.filter(({ kind }) => kind === 'service');
  const rest = wired.filter(({ kind }) => kind !== 'service');
  return [...backend, ...nats, ...services, ...planGateway(options, wiring), ...rest];
}

function planGateway(options: LocalPlanOptions, wiring: WiringOptions): ProcessPlan[] {
  const { declaration, file, gatewayDir, portOf, target } = options;
  const { gateway } = declaration;
  if (gateway === undefined) return [];
  const port = String(portOf(GATEWAY));
  const url = `http://${HOST}:${port}`;
  const flags = ['--config', gateway.config, '--host', HOST, '--port', port];
  const words = [productCommand(), 'gateway', ...flags, '--data-dir', gatewayDir];
  const plan = withDigest({
    name: GATEWAY,
    kind: 'gateway',
    serviceName: undefined,
    command: [process.execPath, ...words],
    cwd: dirname(file),
    env: {
      ...withoutInherited(options),
      ...telemetryVariables(wiring, agentServiceName(declaration, GATEWAY)),
      ...serviceVariables(wiring, gateway),
    },
    url,
    probe: { kind: 'http', url: `${url}/health` },
    restart: 'always',
    needs: [...(target.kind === 'own' ? [BACKEND] : []), ...(gateway.needs ?? [])],
    outputIsPrivate: false,
  });
  return [plan];
}

function planBackend({ dataDir, file, portOf }: LocalPlanOptions): ProcessPlan {
  const [http, grpc] = [`${HOST}:${portOf(BACKEND)}`, `${HOST}:${portOf(BACKEND_GRPC)}`];
  const words = [productCommand(), 'serve', '--data-dir', dataDir, '--http', http, '--grpc', grpc];
  return withDigest({
    name: BACKEND,
    kind: 'backend',
    serviceName: undefined,
    command: [process.execPath, ...words, '--sign-in-link'],
    cwd: dirname(file),
    env: {},
    url: `http://${http}`,
    probe: { kind: 'http', url: `http://${http}/health` },
    restart: 'always',
    needs: [],
    outputIsPrivate: true,
  });
}

function planNats({ environment, file, portOf }: LocalPlanOptions): ProcessPlan {
  const monitor = `http://${HOST}:${portOf(NATS_MONITOR)}`;
  const port = String(portOf(NATS));
  const program = findProgram('nats-server', environment);
  if (program === undefined) {
    throw new AppError(
      'PROGRAM_MISSING',
      'an agent is reached through NATS and there is no nats-server on this machine: install it (`apt install nats-server`, `brew install nats-server`), name one that runs as transports.nats.url, or reach every agent over HTTP with --transport http.',
    );
  }
  return withDigest({
    name: NATS,
    kind: 'nats',
    serviceName: undefined,
    command: [program, '--addr', HOST, '--port', port, '--http_port', String(portOf(NATS_MONITOR))],
    cwd: dirname(file),
    env: {},
    url: `nats://${HOST}:${port}`,
    probe: { kind: 'http', url: `${monitor}/healthz` },
    restart: 'always',
    needs: [],
    outputIsPrivate: false,
  });
}

function planProcess(options: LocalPlanOptions, wired: WiredProcess): ProcessPlan {
  const { declaration, file, portOf, target } = options;
  const instrumented = target.kind !== 'off' && wired.serviceName !== undefined;
  const { kind, name, needs, restart, serviceName, url } = wired;
  return withDigest({
    name,
    kind,
    serviceName,
    command: commandOf(wired.run, file, instrumented),
    cwd: dirname(file),
    env: { ...withoutInherited(options), ...wired.env },
    url,
    probe: probeOf(),
    restart,
    needs: [...(target.kind === 'own' ? [BACKEND] : []), ...needs],
    outputIsPrivate: false,
  });

  function probeOf(): Probe {
    const { health } = wired;
    if (health.kind === 'http') return { kind: 'http', url: `${url}${health.path}` };
    // Another's NATS server need not have a monitor, or may not show it.
    if (health.kind === 'process' || !needsOwnNats(declaration)) return { kind: 'process' };
    const monitorUrl = `http://${HOST}:${portOf(NATS_MONITOR)}`;
    return { kind: 'subject', subject: agentSubject(declaration, name), monitorUrl };
  }
}

/** Exporter settings of the surroundings hold for the endpoint of the surroundings alone. */
function withoutInherited({ environment, target }: LocalPlanOptions): Record<string, undefined> {
  if (target.kind === 'endpoint' && target.headers === undefined) return {};
  const inherited = Object.keys(environment).filter((name) =>
    name.startsWith('OTEL_EXPORTER_OTLP'),
  );
  return Object.fromEntries(inherited.map((name) => [name, undefined]));
}

// ── commands ──

const NODE_FILE = /\.(?:[mc]?js|m?ts)$/;

/** A file that Node runs gets what reads TypeScript, where this Node does not, and the SDK when it is installed. */
function commandOf(run: Run, file: string, instrumented: boolean): [string, ...string[]] {
  if (typeof run !== 'string') return [...run] as [string, ...string[]];
  if (!NODE_FILE.test(run)) return [run];
  const flags: string[] = [];
  if (/\.m?ts$/.test(run) && !readsTypeScript()) flags.push('--import', typeScriptLoader());
  if (instrumented && hasSdk(file)) flags.push('--import', SDK_REGISTER);
  return [process.execPath, ...flags, run];
}

const SDK_REGISTER = '@signalbox/sdk/register';

function hasSdk(file: string): boolean {
  try {
    createRequire(file).resolve(SDK_REGISTER);
    return true;
  } catch {
    return false;
  }
}

/** Node 22.18 and newer leave types out by themselves. */
export function readsTypeScript(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

/** The module that makes Node read TypeScript, as `--import` takes it. */
export function typeScriptLoader(): string {
  return new URL('./register-typescript.js', import.meta.url).href;
}

/** The command of this installation. */
export function productCommand(): string {
  return join(import.meta.dirname, '..', '..', 'bin', 'signalbox.js');
}

function findProgram(name: string, environment: Environment): string | undefined {
  const folders = [...(environment['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

// ── changes ──

/** What a declaration says of a process; ports and keys are not the declaration's. */
function withDigest(plan: Omit<ProcessPlan, 'digest'>): ProcessPlan {
  const { MODEL_API_KEY: _, PORT: __, ...env } = plan.env;
  const isDeclared = !['nats', 'backend', GATEWAY].includes(plan.kind);
  // Of what is ours the rest is addresses, but for the gateway's file.
  const command = isDeclared ? plan.command : plan.command.slice(0, 5);
  const content = JSON.stringify([command, plan.cwd, env, plan.restart, plan.needs]);
  const withoutPorts = content.replaceAll(/(127\.0\.0\.1:)[^/"]*/g, '$1');
  return { ...plan, digest: createHash('sha256').update(withoutPorts).digest('hex').slice(0, 16) };
}
