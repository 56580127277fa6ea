/**
 * What a user writes in `signalbox.platform.ts`. This file imports nothing, so that its types can be shipped on
 * their own as `signalbox/platform`.
 */

/** A file that Node runs (TypeScript, too), or a program and its arguments. Paths are relative to the declaration. */
export type Run = string | readonly [string, ...string[]];

export interface ProcessDeclaration {
  readonly run: Run;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** A port of your own choice; one that is free otherwise. The process finds it in `PORT`. */
  readonly port?: number;
  /** The path that answers 200 once the process is ready, `/health` unless said; false when it serves no HTTP. */
  readonly health?: string | false;
  /** What to do when it ends; `always` unless said. */
  readonly restart?: 'always' | 'on-failure' | 'never';
  /** The image of its container; one with Node unless said. */
  readonly image?: string;
  /** Names of services that must be ready first. */
  readonly needs?: readonly string[];
}

export interface AgentDeclaration extends ProcessDeclaration {
  /** How others reach it: over HTTP (the default) or through NATS. */
  readonly transport?: 'http' | 'nats';
  /** The model that it uses, by its name in `models`. */
  readonly model?: string;
  /** The agents that it calls; it is told their addresses. */
  readonly calls?: readonly string[];
}

export interface ChannelDeclaration extends ProcessDeclaration {
  /** Where people write: its service is called `{prefix}-channel-{kind}`. */
  readonly kind: string;
  /** The agent that answers. */
  readonly agent: string;
}

/** Anything else to run beside the agents: a model server, a tool gateway, a stand-in. */
export interface ServiceDeclaration extends ProcessDeclaration {
  /** Whether it is told where to send telemetry, as `{prefix}-{name}`; false unless said. */
  readonly telemetry?: boolean;
}

/** `signalbox gateway`, started beside the agents; each is told its address in `GATEWAY_URL`. */
export interface GatewayDeclaration {
  /** The gateway's own file. In it, `${SERVICE_<NAME>_URL}` stands for the address of a service that it needs. */
  readonly config: string;
  readonly port?: number;
  /** Names of services that must be ready first. */
  readonly needs?: readonly string[];
}

export interface ModelDeclaration {
  /** As OpenTelemetry names it, e.g. `openai`, `anthropic`, `aws.bedrock`. */
  readonly provider: string;
  readonly model: string;
  /** Address of an API other than the provider's own. */
  readonly baseUrl?: string;
  /** A service of this declaration that serves the model; `path` is added to its address. */
  readonly service?: string;
  readonly path?: string;
  /** The variable that holds the key. The key itself is written nowhere. */
  readonly apiKeyVariable?: string;
}

export interface TelemetryDeclaration {
  /** A collector of your own, e.g. `http://my-collector:4317`. Without one a Signalbox is started. */
  readonly endpoint?: string;
  /** `grpc` when the endpoint's port is 4317, `http/protobuf` otherwise. */
  readonly protocol?: 'http/protobuf' | 'grpc';
  readonly headers?: Readonly<Record<string, string>>;
  /** What the docker provider starts where there is no endpoint. */
  readonly backend?: 'signalbox' | 'otel-lgtm';
}

export interface PlatformDeclaration {
  /** Lower-case letters, digits and dashes. It becomes `service.namespace`. */
  readonly name: string;
  /** What service names begin with; `signalbox` unless said. */
  readonly servicePrefix?: string;
  /** Absent: no telemetry, and no cost. */
  readonly telemetry?: TelemetryDeclaration;
  readonly transports?: {
    /** A NATS server of your own; one is started otherwise when an agent needs it. */
    readonly nats?: { readonly url?: string };
  };
  readonly models?: Readonly<Record<string, ModelDeclaration>>;
  /** What the agents' tool calls go through. */
  readonly gateway?: GatewayDeclaration;
  readonly services?: Readonly<Record<string, ServiceDeclaration>>;
  readonly agents: Readonly<Record<string, AgentDeclaration>>;
  readonly channels?: Readonly<Record<string, ChannelDeclaration>>;
}

/** Gives a declaration its types; `signalbox.platform.ts` exports what it returns as its default. */
export function definePlatform(declaration: PlatformDeclaration): PlatformDeclaration {
  return declaration;
}
