import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { stringify } from 'yaml';

import { AppError } from '../errors.ts';
import type { PlatformDeclaration } from './declaration.ts';
import { UNRECORDED } from './probe.ts';
import type { TelemetryTarget } from './telemetry-target.ts';
import { BACKEND, NATS, needsOwnNats, wirePlatform } from './wiring.ts';
import type { Placement, WiredProcess } from './wiring.ts';

export interface ComposeOptions {
  readonly declaration: PlatformDeclaration;
  /** The declaration's file. */
  readonly file: string;
  /** The folder of the compose file, which its paths are relative to. */
  readonly outputFolder: string;
  readonly target: TelemetryTarget;
  /** The version of Signalbox that is run. */
  readonly version: string;
}

/** A service as https://github.com/compose-spec/compose-spec describes it, as far as it is written here. */
interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly working_dir?: string;
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: Healthcheck;
  readonly restart: string;
  readonly networks: readonly string[];
}

interface Healthcheck {
  readonly test: readonly string[];
  readonly interval: string;
  readonly timeout: string;
  readonly retries: number;
  readonly start_period: string;
}

/** Reads TypeScript by itself, and is Debian, which the storage engine needs. */
const NODE_IMAGE = 'node:24-slim';
const NATS_IMAGE = 'nats:2-alpine';
const LGTM_IMAGE = 'grafana/otel-lgtm:latest';
const GRAFANA_PORT = 13_000;
const CONTAINER_PORT = 8080;
const KEY_VARIABLE = 'SIGNALBOX_INGEST_KEY';
const NODE_FILE = /\.(?:[mc]?js|m?ts)$/;

/** The platform as a compose file: the same processes and variables, each process in a container of its own. */
export function composeFile(options: ComposeOptions): string {
  const { declaration, target } = options;
  if (declaration.gateway !== undefined) {
    throw new AppError(
      'PLATFORM_INVALID',
      'the docker provider starts no gateway: one that listens for other containers believes no name without a key. Leave `gateway` out, run it by itself, and give each agent GATEWAY_URL and a key in `env`.',
    );
  }
  const network = `${declaration.name}-net`;
  const placement: Placement = {
    listenHost: '0.0.0.0',
    hostOf: (name) => (name === BACKEND ? backendName(declaration) : name),
    portOf: (name) => (name === BACKEND ? 4318 : name === NATS ? 4222 : CONTAINER_PORT),
    secretOf: (variable) => `\${${variable}:?is the key of a model}`,
  };
  const wired = wirePlatform({ declaration, target, placement });
  const ownNats = needsOwnNats(declaration);
  const services: Record<string, Service> = {
    ...(target.kind === 'own' && { [backendName(declaration)]: backendService(options, network) }),
    ...(ownNats && { [NATS]: natsService(network) }),
    ...Object.fromEntries(
      wired.map((each) => [each.name, processService(options, { each, network, wired })]),
    ),
  };
  const keepsData = target.kind === 'own' && backendName(declaration) === BACKEND;
  const heading = [
    ' Written by `signalbox platform up --provider docker` from the declaration; changes belong there.',
    ...(keepsData
      ? [` ${KEY_VARIABLE} is a key of your own: sbx_ and at least 32 random letters and digits.`]
      : []),
  ];
  const content = stringify(
    {
      name: declaration.name,
      services,
      networks: { [network]: {} },
      ...(keepsData && { volumes: { 'signalbox-data': {} } }),
    },
    // Some that read compose files take `no` for false, as YAML 1.1 has it.
    { lineWidth: 0, compat: 'yaml-1.1' },
  );
  return `${heading.map((line) => `#${line}\n`).join('')}${content}`;
}

function backendName({ telemetry }: PlatformDeclaration): string {
  return telemetry?.backend === 'otel-lgtm' ? 'otel-lgtm' : BACKEND;
}

function backendService({ declaration, version }: ComposeOptions, network: string): Service {
  if (backendName(declaration) === 'otel-lgtm') {
    // Tempo, Mimir, Loki and Grafana behind one OTLP receiver.
    return {
      image: LGTM_IMAGE,
      ports: [`127.0.0.1:${GRAFANA_PORT}:3000`],
      restart: 'unless-stopped',
      networks: [network],
    };
  }
  const serve = [
    'serve',
    '--http',
    '0.0.0.0:4318',
    '--grpc',
    '0.0.0.0:4317',
    '--data-dir',
    '/data',
  ];
  return {
    image: NODE_IMAGE,
    command: ['npx', '--yes', `signalbox@${version}`, ...serve],
    volumes: ['signalbox-data:/data'],
    // It listens for other containers, so telemetry needs a key.
    environment: {
      [KEY_VARIABLE]: `\${${KEY_VARIABLE}:?is sbx_ and 32 random letters and digits}`,
    },
    ports: ['127.0.0.1:4318:4318'],
    healthcheck: nodeHealthcheck('http://127.0.0.1:4318/health', '120s'),
    restart: 'unless-stopped',
    networks: [network],
  };
}

function natsService(network: string): Service {
  return {
    image: NATS_IMAGE,
    command: ['--http_port', '8222'],
    healthcheck: healthcheck(['wget', '-q', '-O', '-', 'http://127.0.0.1:8222/healthz'], '10s'),
    restart: 'unless-stopped',
    networks: [network],
  };
}

const RESTARTS = { always: 'unless-stopped', 'on-failure': 'on-failure', never: 'no' } as const;

function processService(
  options: ComposeOptions,
  parts: {
    readonly each: WiredProcess;
    readonly network: string;
    readonly wired: readonly WiredProcess[];
  },
): Service {
  const { each, network } = parts;
  const { declaration, file, outputFolder, target } = options;
  const root = projectRoot(dirname(file));
  const declared = declarationOf(declaration, each.name);
  const own = target.kind === 'own' ? [backendName(declaration)] : [];
  const isChecked = checksItself(declaration, each);
  const keyed = target.kind === 'own' && backendName(declaration) === BACKEND;
  return {
    image: declared.image ?? NODE_IMAGE,
    command: containerCommand(each, target),
    working_dir: join('/app', relative(root, dirname(file))),
    volumes: [`${relative(outputFolder, root) || '.'}:/app:ro`.replace(/^(?!\.)/, './')],
    environment: {
      ...Object.fromEntries(
        Object.entries(each.env).map(([name, value]) => [
          name,
          name === 'MODEL_API_KEY' ? value : value.replaceAll('$', '$$$$'),
        ]),
      ),
      ...(keyed &&
        each.serviceName !== undefined && {
          OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20\${${KEY_VARIABLE}}`,
        }),
    },
    ...(declared.port !== undefined && {
      ports: [`127.0.0.1:${declared.port}:${CONTAINER_PORT}`],
    }),
    depends_on: Object.fromEntries(
      [...own, ...each.needs].map((name) => [name, { condition: conditionOf(name) }]),
    ),
    ...(isChecked &&
      each.health.kind === 'http' && {
        healthcheck: nodeHealthcheck(
          `http://127.0.0.1:${CONTAINER_PORT}${each.health.path}`,
          '60s',
        ),
      }),
    restart: RESTARTS[each.restart],
    networks: [network],
  };

  function conditionOf(name: string): string {
    const needed = parts.wired.find((other) => other.name === name);
    const healthy = needed === undefined ? name !== 'otel-lgtm' : checksItself(declaration, needed);
    return healthy ? 'service_healthy' : 'service_started';
  }
}

/** Only an image with Node can ask itself. */
function checksItself(declaration: PlatformDeclaration, { health, name }: WiredProcess): boolean {
  return health.kind === 'http' && declarationOf(declaration, name).image === undefined;
}

function declarationOf(
  { agents, channels = {}, services = {} }: PlatformDeclaration,
  name: string,
): { readonly image?: string; readonly port?: number } {
  return agents[name] ?? channels[name] ?? services[name]!;
}

function containerCommand({ run, serviceName }: WiredProcess, target: TelemetryTarget): string[] {
  if (typeof run !== 'string') return run.map((word) => word.replaceAll('$', '$$$$'));
  if (!NODE_FILE.test(run)) return [run];
  const instrumented = target.kind !== 'off' && serviceName !== undefined;
  return ['node', ...(instrumented ? ['--import', '@signalbox/sdk/register'] : []), run];
}

/** The nearest folder with what is installed, so that imports are found in the container as they are here. */
function projectRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules'))) return at;
    if (dirname(at) === at) return folder;
  }
}

function nodeHealthcheck(url: string, startPeriod: string): Healthcheck {
  const headers = `{ headers: { traceparent: '${UNRECORDED}' } }`;
  const code = `fetch('${url}', ${headers}).then((a) => process.exit(a.status === 200 ? 0 : 1), () => process.exit(1))`;
  return healthcheck(['node', '-e', code], startPeriod);
}

function healthcheck(command: readonly string[], startPeriod: string): Healthcheck {
  return {
    test: ['CMD', ...command],
    interval: '5s',
    timeout: '3s',
    retries: 3,
    start_period: startPeriod,
  };
}
