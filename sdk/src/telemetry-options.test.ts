import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import { serviceName } from './service-name.ts';
import { resolveTelemetry, type PipelineOptions } from './telemetry-options.ts';
import { trustedHosts } from './trusted-hosts.ts';
import { VERSION } from './version.ts';

const ENDPOINT = 'http://127.0.0.1:4318';

function on(...[options, env = {}]: Partial<Parameters<typeof resolveTelemetry>>): PipelineOptions {
  const resolved = resolveTelemetry(options ?? {}, env);
  if (resolved.kind !== 'on') throw new Error(`telemetry is ${resolved.kind}`);
  return resolved.options;
}

test('without an endpoint telemetry is off, and an empty one turns it off whatever the code says', () => {
  expect(resolveTelemetry({}, {})).toEqual({ kind: 'off' });
  const empty = { OTEL_EXPORTER_OTLP_ENDPOINT: '' };
  expect(resolveTelemetry({ endpoint: ENDPOINT }, empty)).toEqual({ kind: 'off' });
  const disabled = { OTEL_SDK_DISABLED: 'true' };
  expect(resolveTelemetry({ endpoint: ENDPOINT }, disabled)).toEqual({ kind: 'off' });
});

test('addresses follow the protocol, and a signal can have its own or none', () => {
  const all = (url: string): object => ({
    traces: `${url}/v1/traces`,
    metrics: `${url}/v1/metrics`,
    logs: `${url}/v1/logs`,
  });
  expect(on({ endpoint: `${ENDPOINT}/` }).urls).toEqual(all(ENDPOINT));
  expect(on({ endpoint: ENDPOINT, protocol: 'grpc' }).urls).toEqual({
    traces: ENDPOINT,
    metrics: ENDPOINT,
    logs: ENDPOINT,
  });
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://tempo:4318/v1/traces',
    OTEL_LOGS_EXPORTER: 'none',
  };
  expect(on({}, env).urls).toEqual({
    traces: 'http://tempo:4318/v1/traces',
    metrics: `${ENDPOINT}/v1/metrics`,
    logs: undefined,
  });
});

test.each([
  [
    { endpoint: 'collector:4317' },
    'the endpoint "collector:4317/v1/traces" is no http or https address',
  ],
  [
    { endpoint: ENDPOINT, protocol: 'tcp' as never },
    'the protocol "tcp" is none of grpc, http/protobuf, http/json',
  ],
  [{ endpoint: ENDPOINT, sampling: 2 }, 'the sampling 2 is not a share from 0 to 1'],
])('what makes no sense is told: %j', (options, reason) => {
  expect(resolveTelemetry(options, {})).toEqual({ kind: 'invalid', reason });
});

test('services are named by rule', () => {
  expect([
    serviceName({ agent: 'billing' }),
    serviceName({ channel: 'slack' }),
    serviceName({ agent: 'assistant-agent', prefix: 'vystak' }),
    serviceName({ channel: 'discord', prefix: 'vystak' }),
    serviceName({ service: 'exact', prefix: 'vystak' }),
    serviceName({}),
  ]).toEqual([
    'signalbox-billing',
    'signalbox-channel-slack',
    'vystak-assistant-agent',
    'vystak-channel-discord',
    'exact',
    undefined,
  ]);
});

test('code outweighs the environment, and the environment alone is enough', () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
    SIGNALBOX_AGENT: 'from-env',
    SIGNALBOX_SERVICE_PREFIX: 'acme',
    SIGNALBOX_NAMESPACE: 'prod',
    SIGNALBOX_BAGGAGE_HOSTS: '10.0.0.0/8, agents.internal',
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'span_only',
    OTEL_SEMCONV_STABILITY_OPT_IN: 'http,gen_ai_latest_experimental',
  };
  const fromEnv = on({}, env);
  expect([fromEnv.serviceName, fromEnv.resource]).toEqual([
    'acme-from-env',
    { 'service.namespace': 'prod', 'gen_ai.agent.name': 'from-env' },
  ]);
  expect(fromEnv.settings).toEqual({
    spanNames: 'operation model',
    captureContent: true,
    redact: undefined,
    modelCallMsMax: 600_000,
    spanMsMax: 86_400_000,
    baggageHosts: ['10.0.0.0/8', 'agents.internal'],
  });
  expect(on({ channel: 'chat', captureContent: false }, env)).toMatchObject({
    serviceName: 'acme-channel-chat',
    settings: { captureContent: false },
  });
  expect(on({}, { ...env, OTEL_SERVICE_NAME: 'exact' }).serviceName).toBe('exact');
});

test('hosts are trusted by name, address, network, suffix, or all', () => {
  const judge = (patterns: string[], hosts: string[]): boolean[] =>
    hosts.map(trustedHosts(patterns));
  expect(
    judge([], ['127.0.0.1', '::1', '[::1]', 'localhost', '127.9.9.9', '10.0.0.1', 'a.b']),
  ).toEqual([true, true, true, true, true, false, false]);
  const patterns = ['10.0.0.0/8', '*.internal', 'agents', 'fd00::/8', '10.0.0.0/99'];
  expect(
    judge(patterns, [
      '10.9.9.9',
      '11.0.0.1',
      'x.internal',
      'internal',
      'AGENTS',
      'fd00::1',
      '::ffff:10.0.0.1',
    ]),
  ).toEqual([true, false, true, false, true, true, true]);
  expect(judge(['*'], ['api.openai.com'])).toEqual([true]);
});

test('the version in the code is the package’s', () => {
  const file = path.join(import.meta.dirname, '..', 'package.json');
  expect(VERSION).toBe((JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version);
});
