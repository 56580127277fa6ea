import type { TelemetryDeclaration } from './declaration.ts';

type Protocol = NonNullable<TelemetryDeclaration['protocol']>;

/** Where the telemetry of a platform goes. */
export type TelemetryTarget =
  | { readonly kind: 'off'; readonly because: string }
  /** A Signalbox that is started for it. */
  | { readonly kind: 'own' }
  | {
      readonly kind: 'endpoint';
      readonly endpoint: string;
      readonly protocol: Protocol;
      /** Undefined where the environment names the endpoint: the processes inherit its headers, too. */
      readonly headers: Readonly<Record<string, string>> | undefined;
    };

export type Environment = Readonly<Record<string, string | undefined>>;

export const ENDPOINT_VARIABLE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const GRPC_PORT = '4317';

/**
 * An empty variable turns telemetry off and one with an address leads it there; else the declaration decides. A
 * platform that declares no telemetry has none, whatever the environment says.
 */
export function decideTelemetry(
  telemetry: TelemetryDeclaration | undefined,
  environment: Environment,
): TelemetryTarget {
  if (telemetry === undefined) return { kind: 'off', because: 'the platform declares none' };
  const given = environment[ENDPOINT_VARIABLE]?.trim();
  if (given === '') return { kind: 'off', because: `${ENDPOINT_VARIABLE} is empty` };
  if (given !== undefined) {
    const protocol = environment['OTEL_EXPORTER_OTLP_PROTOCOL'] as Protocol | undefined;
    const usual = usualProtocol(given);
    return { kind: 'endpoint', endpoint: given, protocol: protocol || usual, headers: undefined };
  }
  const { endpoint, headers = {}, protocol } = telemetry;
  if (endpoint === undefined) return { kind: 'own' };
  return { kind: 'endpoint', endpoint, protocol: protocol ?? usualProtocol(endpoint), headers };
}

function usualProtocol(endpoint: string): Protocol {
  return URL.canParse(endpoint) && new URL(endpoint).port === GRPC_PORT ? 'grpc' : 'http/protobuf';
}
