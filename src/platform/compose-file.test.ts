import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { Ajv } from 'ajv';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';

import { composeFile } from './compose-file.ts';
import { definePlatform } from './declaration.ts';
import type { PlatformDeclaration } from './declaration.ts';
import { decideTelemetry } from './telemetry-target.ts';

const TRAVEL = definePlatform({
  name: 'travel',
  telemetry: {},
  models: {
    main: { provider: 'openai', model: 'gpt-5-mini', apiKeyVariable: 'OPENAI_API_KEY' },
    own: { provider: 'vllm', model: 'qwen3', service: 'stub', path: '/v1' },
  },
  services: { stub: { run: ['serve', '--price=$5'], image: 'vllm/vllm-openai:v0.12.0' } },
  agents: {
    coordinator: { run: './coordinator.ts', model: 'main', calls: ['weather', 'trips'] },
    weather: { run: './weather.ts', model: 'own', env: { PRICE: '$5' } },
    trips: { run: './trips.ts', transport: 'nats', restart: 'on-failure' },
  },
  channels: { slack: { kind: 'slack', agent: 'coordinator', run: './slack.ts', port: 3000 } },
});

interface Compose {
  readonly services: Record<
    string,
    {
      readonly image: string;
      readonly environment?: Record<string, string>;
      readonly depends_on?: Record<string, { readonly condition: string }>;
      readonly healthcheck?: unknown;
      readonly networks: readonly string[];
      readonly volumes?: readonly string[];
      readonly ports?: readonly string[];
    }
  >;
  readonly networks: Record<string, unknown>;
  readonly volumes?: Record<string, unknown>;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-compose-'));
  mkdirSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'agents'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function compose(declaration: PlatformDeclaration, endpoint?: string): Compose {
  const text = composeFile({
    declaration,
    file: join(folder, 'agents', 'signalbox.platform.ts'),
    outputFolder: join(folder, 'agents'),
    target: decideTelemetry(
      declaration.telemetry,
      endpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    ),
    version: '1.2.3',
  });
  const content = parse(text) as Compose;
  expect(faultsOf(content)).toEqual([]);
  // The same for who reads it as YAML 1.1.
  expect(parse(text, { version: '1.1' })).toEqual(content);
  return content;
}

/** What `docker compose config` would refuse: by the specification's schema, and names of nothing. */
function faultsOf(content: Compose): string[] {
  const require = createRequire(import.meta.url);
  const schemas = join(dirname(require.resolve('dclint/package.json')), 'schemas');
  const schema = JSON.parse(readFileSync(join(schemas, 'compose.schema.json'), 'utf8')) as object;
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile({
    ...schema,
    $schema: 'http://json-schema.org/draft-07/schema#',
  });
  validate(content);
  const faults = (validate.errors ?? []).map((each) => `${each.instancePath} ${each.message}`);
  for (const [name, service] of Object.entries(content.services)) {
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      const other = content.services[needed];
      if (other === undefined) faults.push(`${name} depends on ${needed}`);
      if (condition === 'service_healthy' && other?.healthcheck === undefined) {
        faults.push(`${name} awaits the health of ${needed}`);
      }
    }
    for (const network of service.networks) {
      if (!(network in content.networks)) faults.push(`${name} is in ${network}`);
    }
    for (const volume of service.volumes ?? []) {
      const [source] = volume.split(':');
      if (!/^[./]/.test(source!) && content.volumes?.[source!] === undefined) {
        faults.push(`${name} mounts ${source}`);
      }
    }
  }
  return faults;
}

test('the schema is not one that takes anything', () => {
  const service = { image: 'a', networks: [], restart: 'no', helthcheck: {} };
  expect(faultsOf({ services: { a: service }, networks: {} })).not.toEqual([]);
});

test('each process is a container that is told what a local process is told', () => {
  const { services, ...rest } = compose(TRAVEL);
  expect(Object.keys(services)).toEqual([
    'signalbox',
    'nats',
    'stub',
    'coordinator',
    'weather',
    'trips',
    'slack',
  ]);
  expect(rest).toEqual({
    name: 'travel',
    networks: { 'travel-net': {} },
    volumes: { 'signalbox-data': {} },
  });
  expect(services['coordinator']).toEqual({
    image: 'node:24-slim',
    command: ['node', '--import', '@signalbox/sdk/register', './coordinator.ts'],
    working_dir: '/app/agents',
    volumes: ['..:/app:ro'],
    environment: {
      AGENT_NAME: 'coordinator',
      SIGNALBOX_AGENT: 'coordinator',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://signalbox:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20${SIGNALBOX_INGEST_KEY}',
      OTEL_SERVICE_NAME: 'signalbox-coordinator',
      OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=travel',
      OTEL_PROPAGATORS: 'tracecontext,baggage',
      HOST: '0.0.0.0',
      PORT: '8080',
      AGENT_WEATHER_URL: 'http://weather:8080',
      AGENT_TRIPS_URL: 'nats://nats:4222/signalbox.travel.agents.trips.tasks',
      MODEL_PROVIDER: 'openai',
      MODEL_NAME: 'gpt-5-mini',
      MODEL_API_KEY: '${OPENAI_API_KEY:?is the key of a model}',
    },
    depends_on: { signalbox: { condition: 'service_healthy' } },
    healthcheck: expect.objectContaining({ interval: '5s' }) as unknown,
    restart: 'unless-stopped',
    networks: ['travel-net'],
  });
  expect(services['signalbox']).toMatchObject({
    command: expect.arrayContaining(['signalbox@1.2.3', 'serve']) as unknown,
    ports: ['127.0.0.1:4318:4318'],
  });
  expect(services['stub']).toMatchObject({
    image: 'vllm/vllm-openai:v0.12.0',
    command: ['serve', '--price=$$5'],
  });
  expect(services['weather']).toMatchObject({
    environment: { PRICE: '$$5', MODEL_BASE_URL: 'http://stub:8080/v1' },
    depends_on: { stub: { condition: 'service_started' } },
  });
  expect(services['trips']!.depends_on).toEqual({
    signalbox: { condition: 'service_healthy' },
    nats: { condition: 'service_healthy' },
  });
  expect(services['slack']).toMatchObject({
    ports: ['127.0.0.1:3000:8080'],
    depends_on: {
      coordinator: { condition: 'service_healthy' },
      trips: { condition: 'service_started' },
    },
  });
});

test('the bundle of Grafana can take the place of Signalbox, with its pages on 13000', () => {
  const { services, volumes } = compose({ ...TRAVEL, telemetry: { backend: 'otel-lgtm' } });
  expect(services['otel-lgtm']).toEqual({
    image: 'grafana/otel-lgtm:latest',
    ports: ['127.0.0.1:13000:3000'],
    restart: 'unless-stopped',
    networks: ['travel-net'],
  });
  expect([services['signalbox'], volumes]).toEqual([undefined, undefined]);
  expect(services['weather']!.environment).toMatchObject({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel-lgtm:4318',
  });
  expect(services['weather']!.environment).not.toHaveProperty('OTEL_EXPORTER_OTLP_HEADERS');
});

test('an endpoint of the user needs no backend, and an empty one turns telemetry off', () => {
  const elsewhere = compose({ ...TRAVEL, telemetry: { endpoint: 'http://my-collector:4317' } });
  expect(elsewhere.services['weather']!.environment).toMatchObject({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://my-collector:4317',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  });
  const off = compose(TRAVEL, '');
  expect([elsewhere.services['signalbox'], off.services['signalbox']]).toEqual([
    undefined,
    undefined,
  ]);
  expect(off.services['weather']).toMatchObject({
    command: ['node', './weather.ts'],
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
  });
});

test('names and values that mean something else in YAML are texts', () => {
  const env = {
    A: 'yes',
    B: 'no',
    C: '0x10',
    D: '1_000',
    E: ' # x',
    F: 'a: b',
    G: 'two\nlines',
    H: '',
  };
  const run = ['node', 'x.mjs', 'off', "it's", '"q"', '{a}', '1e3', '12:30:45', '*x'] as const;
  const content = compose(
    definePlatform({
      name: 'on',
      telemetry: {},
      agents: { no: { run, env }, y: { run: './y.mjs', calls: ['no'] } },
    }),
  );
  const { no } = content.services as Record<string, { command?: string[]; environment?: object }>;
  expect(no).toMatchObject({ command: [...run], environment: env });
});
