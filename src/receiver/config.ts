import { z } from 'zod';

const PORT_MAX = 65_535;

/** `HOST:PORT`; an IPv6 host in brackets; port 0 takes any that is free. */
const address = z
  .string()
  .refine(
    (text) =>
      /^(?:\[[0-9a-fA-F:]+\]|[^:\s/]+):\d{1,5}$/.test(text) && parseAddress(text).port <= PORT_MAX,
    'write HOST:PORT, for example 127.0.0.1:4318',
  );

const origin = z
  .string()
  .refine(
    (text) => text === '*' || (URL.canParse(text) && new URL(text).origin === text),
    'write an origin as browsers send it, for example https://app.example.com without a path, or *',
  );

/** Where telemetry, the API and the web pages are served. */
export const receiverConfigSchema = z.strictObject({
  http: address
    .default('127.0.0.1:4318')
    .describe('Where OTLP over HTTP, the API and the web pages are served.'),
  grpc: z
    .union([z.literal('off'), address])
    .default('127.0.0.1:4317')
    .describe('Where OTLP over gRPC is served; `off` for nowhere.'),
  corsOrigins: z
    .array(origin)
    .default([])
    .describe(
      'Origins whose web pages may send telemetry, e.g. `https://app.example.com`; `*` for any.',
    ),
  bodyTimeoutMs: z
    .number()
    .int()
    .min(100)
    .default(60_000)
    .describe('How long the body of a telemetry request may take to arrive.'),
  trustLoopback: z
    .boolean()
    .default(true)
    .describe(
      'Telemetry from this machine needs no credential while the server listens on loopback alone.',
    ),
});

export type ReceiverConfig = z.infer<typeof receiverConfigSchema>;

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export function parseAddress(text: string): HostPort {
  const colon = text.lastIndexOf(':');
  return {
    host: text.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(text.slice(colon + 1)),
  };
}

/** Whether only this machine can reach the address. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
