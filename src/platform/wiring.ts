import type {
  AgentDeclaration,
  ModelDeclaration,
  PlatformDeclaration,
  ProcessDeclaration,
  Run,
} from './declaration.ts';
import { agentServiceName, agentSubject, channelServiceName } from './service-name.ts';
import { ENDPOINT_VARIABLE } from './telemetry-target.ts';
import type { TelemetryTarget } from './telemetry-target.ts';

/** Names of the processes that are started for a platform beside what it declares. */
export const BACKEND = 'signalbox';
export const NATS = 'nats';
export const GATEWAY = 'gateway';

/** Where the processes of a platform find each other: ports of this machine, or containers by their names. */
export interface Placement {
  /** The address that processes listen on. */
  readonly listenHost: string;
  hostOf(process: string): string;
  portOf(process: string): number | string;
  /** What stands for the value of a variable that holds a secret. */
  secretOf(variable: string): string | undefined;
}

export type Health =
  | { readonly kind: 'http'; readonly path: string }
  /** Ready once it listens to a subject. */
  | { readonly kind: 'subject'; readonly subject: string }
  /** Ready once it runs. */
  | { readonly kind: 'process' };

/** One declared process with everything it is told; how it is run is left to who runs it. */
export interface WiredProcess {
  readonly name: string;
  readonly kind: 'service' | 'agent' | 'channel';
  /** The name in its telemetry; undefined when it is told to send none. */
  readonly serviceName: string | undefined;
  readonly run: Run;
  readonly env: Readonly<Record<string, string>>;
  /** Where it is reached; undefined when it listens nowhere. */
  readonly url: string | undefined;
  readonly health: Health;
  readonly restart: NonNullable<ProcessDeclaration['restart']>;
  /** Names of processes that must be ready first. */
  readonly needs: readonly string[];
}

export interface WiringOptions {
  readonly declaration: PlatformDeclaration;
  readonly target: TelemetryTarget;
  readonly placement: Placement;
}

/** Services in the order of their needs, then agents, then channels. */
export function wirePlatform(options: WiringOptions): WiredProcess[] {
  const { agents, channels = {}, services = {} } = options.declaration;
  return [
    ...inOrderOfNeeds(services).map((name) => wireService(options, name)),
    ...Object.keys(agents).map((name) => wireAgent(options, name)),
    ...Object.keys(channels).map((name) => wireChannel(options, name)),
  ];
}

/** Whether a NATS server must be started for the platform. */
export function needsOwnNats({ agents, transports }: PlatformDeclaration): boolean {
  const used = Object.values(agents).some(({ transport }) => transport === 'nats');
  return used && transports?.nats?.url === undefined;
}

function inOrderOfNeeds(services: NonNullable<PlatformDeclaration['services']>): string[] {
  const ordered = new Set<string>();
  const add = (name: string): void => {
    for (const needed of services[name]?.needs ?? []) if (!ordered.has(needed)) add(needed);
    ordered.add(name);
  };
  for (const name of Object.keys(services)) add(name);
  return [...ordered];
}

function wireService(options: WiringOptions, name: string): WiredProcess {
  const declared = options.declaration.services![name]!;
  const serviceName = declared.telemetry ? agentServiceName(options.declaration, name) : undefined;
  return {
    ...processOf(options, name, declared),
    kind: 'service',
    serviceName,
    env: {
      ...telemetryVariables(options, serviceName),
      ...listenVariables(options, name, declared),
      ...serviceVariables(options, declared),
      ...declared.env,
    },
  };
}

function wireAgent(options: WiringOptions, name: string): WiredProcess {
  const { declaration } = options;
  const declared = declaration.agents[name]!;
  const overNats = declared.transport === 'nats';
  const serviceName = agentServiceName(declaration, name);
  const subject = agentSubject(declaration, name);
  const hasGateway = declaration.gateway !== undefined;
  const needs = [
    ...(overNats && needsOwnNats(declaration) ? [NATS] : []),
    ...(hasGateway ? [GATEWAY] : []),
  ];
  return {
    ...processOf(options, name, declared),
    kind: 'agent',
    serviceName,
    ...(overNats && { url: agentUrl(options, name), health: { kind: 'subject', subject } }),
    needs: [...needs, ...servicesNeeded(options, declared)],
    env: {
      AGENT_NAME: name,
      ...telemetryVariables(options, serviceName),
      ...identityVariables(options, { SIGNALBOX_AGENT: name }),
      ...(overNats
        ? { NATS_URL: natsUrl(options), AGENT_SUBJECT: subject }
        : listenVariables(options, name, declared)),
      ...agentVariables(options, declared.calls ?? []),
      ...(hasGateway && { GATEWAY_URL: httpUrl(options.placement, GATEWAY) }),
      ...modelVariables(options, declared.model),
      ...serviceVariables(options, declared),
      ...declared.env,
    },
  };
}

function wireChannel(options: WiringOptions, name: string): WiredProcess {
  const declared = options.declaration.channels![name]!;
  const serviceName = channelServiceName(options.declaration, declared.kind);
  return {
    ...processOf(options, name, declared),
    kind: 'channel',
    serviceName,
    needs: [...(declared.needs ?? []), ...agentsBehind(options.declaration, declared.agent)],
    env: {
      ...telemetryVariables(options, serviceName),
      ...identityVariables(options, { SIGNALBOX_CHANNEL: declared.kind }),
      ...listenVariables(options, name, declared),
      ...agentVariables(options, [declared.agent]),
      ...serviceVariables(options, declared),
      ...declared.env,
    },
  };
}

function processOf(
  { placement }: WiringOptions,
  name: string,
  declared: ProcessDeclaration,
): Pick<WiredProcess, 'name' | 'run' | 'url' | 'health' | 'restart' | 'needs'> {
  const { health = '/health', needs = [], restart = 'always', run } = declared;
  return {
    name,
    run,
    url: health === false ? undefined : httpUrl(placement, name),
    health: health === false ? { kind: 'process' } : { kind: 'http', path: health },
    restart,
    needs,
  };
}

/** The agent and all those that it calls, directly or through others. */
function agentsBehind({ agents }: PlatformDeclaration, first: string): string[] {
  const found = new Set([first]);
  for (const name of found) for (const called of agents[name]?.calls ?? []) found.add(called);
  return [...found];
}

function servicesNeeded({ declaration }: WiringOptions, agent: AgentDeclaration): string[] {
  const service = declaration.models?.[agent.model ?? '']?.service;
  return [...new Set([...(agent.needs ?? []), ...(service === undefined ? [] : [service])])];
}

// ── what a process is told ──

function listenVariables(
  { placement }: WiringOptions,
  name: string,
  { health }: ProcessDeclaration,
): Record<string, string> {
  if (health === false) return {};
  return { HOST: placement.listenHost, PORT: String(placement.portOf(name)) };
}

/** `AGENT_WEATHER_URL` for each agent that may be called: `http://…`, or `nats://HOST:PORT/SUBJECT`. */
function agentVariables(options: WiringOptions, agents: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    agents.map((name) => [`AGENT_${variableOf(name)}_URL`, agentUrl(options, name)]),
  );
}

export function serviceVariables(
  { declaration, placement }: WiringOptions,
  { needs = [] }: Pick<ProcessDeclaration, 'needs'>,
): Record<string, string> {
  const reachable = needs.filter((name) => declaration.services?.[name]?.health !== false);
  return Object.fromEntries(
    reachable.map((name) => [`SERVICE_${variableOf(name)}_URL`, httpUrl(placement, name)]),
  );
}

function modelVariables(
  { declaration, placement }: WiringOptions,
  name: string | undefined,
): Record<string, string> {
  const declared = declaration.models?.[name ?? ''];
  if (declared === undefined) return {};
  const { apiKeyVariable, model, provider } = declared;
  const baseUrl = modelAddress(declared, placement);
  const key = apiKeyVariable === undefined ? undefined : placement.secretOf(apiKeyVariable);
  return {
    MODEL_PROVIDER: provider,
    MODEL_NAME: model,
    ...(baseUrl !== undefined && { MODEL_BASE_URL: baseUrl }),
    ...(key !== undefined && { MODEL_API_KEY: key }),
  };
}

function modelAddress(model: ModelDeclaration, placement: Placement): string | undefined {
  const { baseUrl, path = '', service } = model;
  return service === undefined ? baseUrl : `${httpUrl(placement, service)}${path}`;
}

export function telemetryVariables(
  { declaration, placement, target }: WiringOptions,
  serviceName: string | undefined,
): Record<string, string> {
  if (target.kind === 'off' || serviceName === undefined) return { [ENDPOINT_VARIABLE]: '' };
  const own = target.kind === 'own';
  const headers = own ? undefined : target.headers;
  const headerList = Object.entries(headers ?? {})
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join(',');
  return {
    [ENDPOINT_VARIABLE]: own ? httpUrl(placement, BACKEND) : target.endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: own ? 'http/protobuf' : target.protocol,
    ...(headerList !== '' && { OTEL_EXPORTER_OTLP_HEADERS: headerList }),
    OTEL_SERVICE_NAME: serviceName,
    OTEL_RESOURCE_ATTRIBUTES: `service.namespace=${declaration.name}`,
    OTEL_PROPAGATORS: 'tracecontext,baggage',
  };
}

/** What the SDK reads to name agents on their spans. */
function identityVariables(
  { target }: WiringOptions,
  identity: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return target.kind === 'off' ? {} : identity;
}

// ── addresses ──

function agentUrl(options: WiringOptions, name: string): string {
  const { declaration, placement } = options;
  if (declaration.agents[name]?.transport !== 'nats') return httpUrl(placement, name);
  return `${natsUrl(options)}/${agentSubject(declaration, name)}`;
}

export function natsUrl({ declaration, placement }: WiringOptions): string {
  const given = declaration.transports?.nats?.url?.replace(/\/+$/, '');
  return given ?? `nats://${placement.hostOf(NATS)}:${placement.portOf(NATS)}`;
}

export function httpUrl(placement: Placement, name: string): string {
  return `http://${placement.hostOf(name)}:${placement.portOf(name)}`;
}

const variableOf = (name: string): string => name.toUpperCase().replaceAll('-', '_');
