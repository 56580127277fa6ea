import { z } from 'zod';

import { nearestNames } from '../base/nearest-names.ts';
import { AppError } from '../errors.ts';
import type { PlatformDeclaration } from './declaration.ts';

const NAME_LENGTH_MAX = 40;
const PROCESSES_MAX = 100;

const shortName = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'write lower-case letters, digits and single dashes');

const webAddress = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'write an address such as http://my-collector:4317',
  );

const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'write the name of an environment variable');

const run = z.union(
  [
    z.string().min(1),
    z
      .array(z.string())
      .refine((words) => words[0] !== undefined && words[0] !== '')
      .transform((words) => words as [string, ...string[]]),
  ],
  { error: 'write a file that Node runs, or a program and its arguments as a list' },
);

const process = {
  run,
  env: z.record(variable, z.string()).optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  health: z
    .union([z.literal(false), z.string().startsWith('/', 'write a path such as /health')])
    .optional(),
  restart: z.enum(['always', 'on-failure', 'never']).optional(),
  image: z.string().min(1).optional(),
  needs: z.array(shortName).optional(),
};

const schema = z.strictObject({
  name: shortName,
  servicePrefix: shortName.optional(),
  telemetry: z
    .strictObject({
      endpoint: webAddress.optional(),
      protocol: z.enum(['http/protobuf', 'grpc']).optional(),
      headers: z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/), z.string()).optional(),
      backend: z.enum(['signalbox', 'otel-lgtm']).optional(),
    })
    .optional(),
  transports: z
    .strictObject({
      nats: z
        .strictObject({
          url: z
            .string()
            .regex(/^(nats|tls|wss?):\/\/\S+$/, 'write an address such as nats://127.0.0.1:4222')
            .optional(),
        })
        .optional(),
    })
    .optional(),
  gateway: z
    .strictObject({
      config: z.string().min(1),
      port: process.port,
      needs: process.needs,
    })
    .optional(),
  models: z
    .record(
      shortName,
      z.strictObject({
        provider: z.string().min(1),
        model: z.string().min(1),
        baseUrl: webAddress.optional(),
        service: shortName.optional(),
        path: z.string().startsWith('/').optional(),
        apiKeyVariable: variable.optional(),
      }),
    )
    .optional(),
  services: z
    .record(shortName, z.strictObject({ ...process, telemetry: z.boolean().optional() }))
    .optional(),
  agents: z.record(
    shortName,
    z.strictObject({
      ...process,
      transport: z.enum(['http', 'nats']).optional(),
      model: shortName.optional(),
      calls: z.array(shortName).optional(),
    }),
  ),
  channels: z
    .record(shortName, z.strictObject({ ...process, kind: shortName, agent: shortName }))
    .optional(),
});

/** Names of processes that are ours. */
const RESERVED = ['signalbox', 'nats', 'gateway'];

/** Checks what a declaration's file exports. Throws `PLATFORM_INVALID` with every fault at once. */
export function parseDeclaration(exported: unknown, file: string): PlatformDeclaration {
  if (typeof exported !== 'object' || exported === null) {
    throw new AppError(
      'PLATFORM_INVALID',
      `${file} has no declaration: write \`export default definePlatform({ … })\`.`,
    );
  }
  const parsed = schema.safeParse(exported);
  const faults = parsed.success
    ? faultsOf(parsed.data as PlatformDeclaration)
    : parsed.error.issues.map(faultOf);
  if (!parsed.success || faults.length > 0) {
    throw new AppError('PLATFORM_INVALID', `${file} is not valid:\n  ${faults.join('\n  ')}`);
  }
  return parsed.data as PlatformDeclaration;
}

function faultOf(issue: z.core.$ZodIssue): string {
  // Of a record's key, the reason lies within.
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  return `${issue.path.join('.') || 'the file'}: ${message ?? issue.message}`;
}

/** What names something that is not declared, or a name that is taken twice. */
function faultsOf(declaration: PlatformDeclaration): string[] {
  const { agents, channels = {}, models = {}, services = {} } = declaration;
  const faults: string[] = [];
  const refer = (from: string, to: string, group: string, declared: object): void => {
    const names = Object.keys(declared);
    if (names.includes(to)) return;
    const near = nearestNames(to, names)[0];
    const known = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`;
    const remedy = near === undefined ? known : `did you mean ${near}?`;
    faults.push(`${from}: ${JSON.stringify(to)} is not among the ${group}; ${remedy}`);
  };
  for (const [agent, { calls = [], health, model, transport }] of Object.entries(agents)) {
    for (const called of calls) refer(`agents.${agent}.calls`, called, 'agents', agents);
    if (model !== undefined) refer(`agents.${agent}.model`, model, 'models', models);
    if (transport !== 'nats' && health === false) {
      faults.push(`agents.${agent}.health: an agent over HTTP is ready when a path answers 200`);
    }
  }
  for (const [channel, { agent }] of Object.entries(channels)) {
    refer(`channels.${channel}.agent`, agent, 'agents', agents);
  }
  for (const [model, { baseUrl, service }] of Object.entries(models)) {
    if (service !== undefined) refer(`models.${model}.service`, service, 'services', services);
    if (service !== undefined && baseUrl !== undefined) {
      faults.push(`models.${model}: give baseUrl or service, not both`);
    }
  }
  for (const needed of declaration.gateway?.needs ?? []) {
    refer('gateway.needs', needed, 'services', services);
  }
  const groups = { agents, channels, services };
  const taken = new Map<string, string>();
  for (const [group, declared] of Object.entries(groups)) {
    for (const [own, { needs = [] }] of Object.entries(declared)) {
      for (const needed of needs) refer(`${group}.${own}.needs`, needed, 'services', services);
      if (RESERVED.includes(own)) faults.push(`${group}.${own}: the name is ours; choose another`);
      const other = taken.get(own);
      if (other) faults.push(`${group}.${own}: the name is taken by ${other}.${own}`);
      taken.set(own, group);
    }
  }
  if (taken.size > PROCESSES_MAX) faults.push(`there are more than ${PROCESSES_MAX} processes`);
  return [...faults, ...circlesAmong(services)];
}

/** Services that wait for each other would never start. */
function circlesAmong(services: NonNullable<PlatformDeclaration['services']>): string[] {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] => {
    if (path.includes(name)) {
      return [`services.${name}.needs: ${[...path, name].join(' needs ')}, a circle`];
    }
    if (done.has(name)) return [];
    done.add(name);
    return (services[name]?.needs ?? []).flatMap((needed) => visit(needed, [...path, name]));
  };
  return Object.keys(services).flatMap((name) => visit(name, []));
}
