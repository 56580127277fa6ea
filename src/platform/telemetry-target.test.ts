import { expect, test } from 'vitest';

import { decideTelemetry } from './telemetry-target.ts';

const VARIABLE = 'OTEL_EXPORTER_OTLP_ENDPOINT';

test.each([
  ['nothing declared', undefined, {}, { kind: 'off', because: 'the platform declares none' }],
  [
    'nothing declared, whatever the environment says',
    undefined,
    { [VARIABLE]: 'http://collector:4318' },
    { kind: 'off', because: 'the platform declares none' },
  ],
  ['{}', {}, {}, { kind: 'own' }],
  [
    'an empty variable',
    { endpoint: 'http://collector:4318' },
    { [VARIABLE]: '' },
    { kind: 'off', because: `${VARIABLE} is empty` },
  ],
  [
    'an endpoint',
    { endpoint: 'https://collector.example/otlp', headers: { 'x-api-key': 'k' } },
    {},
    {
      kind: 'endpoint',
      endpoint: 'https://collector.example/otlp',
      protocol: 'http/protobuf',
      headers: { 'x-api-key': 'k' },
    },
  ],
  [
    'the usual port of gRPC',
    { endpoint: 'http://my-collector:4317' },
    {},
    { kind: 'endpoint', endpoint: 'http://my-collector:4317', protocol: 'grpc', headers: {} },
  ],
  [
    'a variable with another address, which gets none of the declared headers',
    { endpoint: 'http://collector:4318', headers: { 'x-api-key': 'k' } },
    { [VARIABLE]: 'http://other:4317' },
    { kind: 'endpoint', endpoint: 'http://other:4317', protocol: 'grpc', headers: undefined },
  ],
])('%s', (_, declared, environment, target) => {
  expect(decideTelemetry(declared, environment)).toEqual(target);
});
