import { expect, test } from 'vitest';

import { definePlatform } from './declaration.ts';
import type { PlatformDeclaration } from './declaration.ts';
import { planLocally, portWishes } from './local-plan.ts';
import type { ProcessPlan } from './local-plan.ts';
import { decideTelemetry } from './telemetry-target.ts';
import type { Environment } from './telemetry-target.ts';

const PORTS: Readonly<Record<string, number>> = {
  signalbox: 4318,
  'signalbox:grpc': 4317,
  nats: 4222,
  'nats:monitor': 8222,
  stub: 5000,
  gateway: 9090,
  coordinator: 5001,
  slack: 5002,
};

const TRAVEL = definePlatform({
  name: 'travel',
  telemetry: {},
  transports: { nats: { url: 'nats://queue.example:4222/' } },
  models: {
    main: {
      provider: 'openai',
      model: 'gpt-5-mini',
      service: 'stub',
      path: '/v1',
      apiKeyVariable: 'OPENAI_API_KEY',
    },
  },
  services: { stub: { run: './stub.js', port: 5000 } },
  agents: {
    coordinator: { run: './coordinator.js', model: 'main', calls: ['trip-planner'] },
    'trip-planner': { run: ['python3', 'planner.py'], transport: 'nats', env: { LANG: 'C' } },
  },
  channels: { slack: { kind: 'slack', agent: 'coordinator', run: './slack.js', needs: ['stub'] } },
});

function plan(declaration: PlatformDeclaration, environment: Environment): ProcessPlan[] {
  return planLocally({
    declaration,
    file: '/travel/signalbox.platform.ts',
    target: decideTelemetry(declaration.telemetry, environment),
    environment,
    portOf: (key) => PORTS[key]!,
    dataDir: '/data',
    gatewayDir: '/gateway',
  });
}

const telemetryOf = (service: string): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_SERVICE_NAME: service,
  OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=travel',
  OTEL_PROPAGATORS: 'tracecontext,baggage',
});

test('each process is told its name, its port, and whom it may call', () => {
  const plans = plan(TRAVEL, { OPENAI_API_KEY: 'sk-1' });
  const byName = Object.fromEntries(plans.map((each) => [each.name, each]));
  expect(Object.keys(byName)).toEqual([
    'signalbox',
    'stub',
    'coordinator',
    'trip-planner',
    'slack',
  ]);
  expect(byName['coordinator']).toEqual({
    name: 'coordinator',
    kind: 'agent',
    serviceName: 'signalbox-coordinator',
    command: [process.execPath, './coordinator.js'],
    cwd: '/travel',
    env: {
      AGENT_NAME: 'coordinator',
      ...telemetryOf('signalbox-coordinator'),
      SIGNALBOX_AGENT: 'coordinator',
      HOST: '127.0.0.1',
      PORT: '5001',
      AGENT_TRIP_PLANNER_URL:
        'nats://queue.example:4222/signalbox.travel.agents.trip-planner.tasks',
      MODEL_PROVIDER: 'openai',
      MODEL_NAME: 'gpt-5-mini',
      MODEL_BASE_URL: 'http://127.0.0.1:5000/v1',
      MODEL_API_KEY: 'sk-1',
    },
    url: 'http://127.0.0.1:5001',
    probe: { kind: 'http', url: 'http://127.0.0.1:5001/health' },
    restart: 'always',
    needs: ['signalbox', 'stub'],
    outputIsPrivate: false,
    digest: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
  });
  expect(byName['trip-planner']).toMatchObject({
    command: ['python3', 'planner.py'],
    env: {
      AGENT_NAME: 'trip-planner',
      ...telemetryOf('signalbox-trip-planner'),
      NATS_URL: 'nats://queue.example:4222',
      AGENT_SUBJECT: 'signalbox.travel.agents.trip-planner.tasks',
      LANG: 'C',
    },
    probe: { kind: 'process' },
  });
  expect(byName['slack']).toMatchObject({
    serviceName: 'signalbox-channel-slack',
    env: {
      SIGNALBOX_CHANNEL: 'slack',
      AGENT_COORDINATOR_URL: 'http://127.0.0.1:5001',
      SERVICE_STUB_URL: 'http://127.0.0.1:5000',
    },
    needs: ['signalbox', 'stub', 'coordinator', 'trip-planner'],
  });
  // A service sends no telemetry unless it is declared to.
  expect(byName['stub']!.env).toEqual({
    OTEL_EXPORTER_OTLP_ENDPOINT: '',
    HOST: '127.0.0.1',
    PORT: '5000',
  });
});

test('without telemetry no Signalbox is started and the endpoint is empty', () => {
  const off = plan(TRAVEL, { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_EXPORTER_OTLP_HEADERS: 'a=b' });
  expect(off.map(({ name }) => name)).toEqual(['stub', 'coordinator', 'trip-planner', 'slack']);
  expect(off[1]!.env).toMatchObject({
    OTEL_EXPORTER_OTLP_ENDPOINT: '',
    OTEL_EXPORTER_OTLP_HEADERS: undefined,
  });
  expect(off[1]!.env).not.toHaveProperty('OTEL_SERVICE_NAME');
  expect(portWishes(TRAVEL, { kind: 'off', because: '' }).map(({ key }) => key)).toEqual([
    'stub',
    'coordinator',
    'slack',
  ]);
});

test('the seed prefix gives the seed names', () => {
  const names = plan({ ...TRAVEL, servicePrefix: 'vystak' }, {}).map((each) => each.serviceName);
  expect(names).toEqual([
    undefined,
    undefined,
    'vystak-coordinator',
    'vystak-trip-planner',
    'vystak-channel-slack',
  ]);
});

test('a gateway stands before the agents and is told of the services that it needs', () => {
  const gateway = { config: './gateway.yaml', needs: ['stub'] };
  const plans = plan({ ...TRAVEL, gateway }, {});
  const names = ['signalbox', 'stub', 'gateway', 'coordinator', 'trip-planner', 'slack'];
  expect(plans.map(({ name }) => name)).toEqual(names);
  const [, , planned, coordinator] = plans;
  expect(planned).toMatchObject({
    kind: 'gateway',
    command: [
      process.execPath,
      expect.stringMatching(/signalbox\.js$/) as unknown,
      'gateway',
      '--config',
      './gateway.yaml',
      '--host',
      '127.0.0.1',
      '--port',
      '9090',
      '--data-dir',
      '/gateway',
    ],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      SERVICE_STUB_URL: 'http://127.0.0.1:5000',
    },
    needs: ['signalbox', 'stub'],
  });
  expect(coordinator).toMatchObject({
    env: { GATEWAY_URL: 'http://127.0.0.1:9090' },
    needs: ['signalbox', 'gateway', 'stub'],
  });
});

test('a NATS server that is not there is named with what to do', () => {
  const { transports: _, ...withOwnNats } = TRAVEL;
  // Also looked for where Debian puts it, so only a machine without one can tell.
  const attempt = (): unknown => plan(withOwnNats, { PATH: '/nowhere' }).map(({ name }) => name);
  try {
    expect(attempt()).toContain('nats');
  } catch (error) {
    expect(error).toMatchObject({ code: 'PROGRAM_MISSING', message: /--transport http/ });
  }
});

test('a digest tells changes of the declaration from other ports and keys', () => {
  const digests = (declaration: PlatformDeclaration, key: string): string[] =>
    plan(declaration, { OPENAI_API_KEY: key }).map(({ digest }) => digest);
  const first = digests(TRAVEL, 'sk-1');
  expect(digests(TRAVEL, 'sk-2')).toEqual(first);
  const changed = digests(
    { ...TRAVEL, services: { stub: { run: './stub.js', env: { SLOW: '1' } } } },
    'sk-1',
  );
  expect(changed.map((digest, index) => digest === first[index])).toEqual([
    true,
    false,
    true,
    true,
    true,
  ]);
});
