import { describe, expect, test } from 'vitest';

import { otlpTargetOf, parseHeaderLine, parseHeaderList } from './otlp-target.ts';

const urlOf = (...args: Parameters<typeof otlpTargetOf>): string | undefined =>
  otlpTargetOf(...args)?.url;

describe('where requests go', () => {
  test.each([
    ['http://localhost:4318', 'http://localhost:4318/v1/traces'],
    ['http://localhost:4318/', 'http://localhost:4318/v1/traces'],
    ['http://localhost:4318/x', 'http://localhost:4318/x/v1/traces'],
    ['http://localhost:4318/v1/traces', 'http://localhost:4318/v1/traces'],
    ['https://api.honeycomb.io', 'https://api.honeycomb.io/v1/traces'],
    [
      'https://http-intake.logs.datadoghq.com:443',
      'https://http-intake.logs.datadoghq.com/v1/traces',
    ],
    ['https://ingest.us1.signalfx.com', 'https://ingest.us1.signalfx.com/v2/trace/otlp'],
    ['http://localhost:3000/api/public/otel', 'http://localhost:3000/api/public/otel/v1/traces'],
  ])('the path of traces is added to the endpoint %s', (endpoint, url) => {
    expect(urlOf('traces', { endpoint })).toBe(url);
  });

  test('an exact address stays, but one without a path gets it', () => {
    expect(urlOf('traces', { exactUrl: 'http://h:1/api/x?y=1' })).toBe('http://h:1/api/x?y=1');
    expect(urlOf('traces', { exactUrl: 'http://h:1' })).toBe('http://h:1/v1/traces');
  });

  test('the environment names it where no option does: a signal of its own exactly, the base with a path', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://base:1/x/',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://metrics:2',
    };
    expect(urlOf('traces', {}, env)).toBe('http://base:1/x/v1/traces');
    expect(urlOf('metrics', {}, env)).toBe('http://metrics:2/');
    expect(urlOf('metrics', { endpoint: 'http://flag:3' }, env)).toBe('http://flag:3/v1/metrics');
    expect(urlOf('traces', {}, {})).toBeUndefined();
    expect(urlOf('traces', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toBeUndefined();
  });

  test('what is no web address is refused with its name', () => {
    for (const endpoint of ['localhost:4318', 'ftp://h', '']) {
      expect(() => otlpTargetOf('traces', { endpoint })).toThrow(
        `${JSON.stringify(endpoint)} is no address to send to`,
      );
    }
  });
});

test('headers, protocol, compression and time come from options, then the environment, then defaults', () => {
  const env = {
    OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20abc,a=1,b=2',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=3',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
    OTEL_EXPORTER_OTLP_TIMEOUT: '2500',
  };
  expect(otlpTargetOf('traces', { endpoint: 'http://h', headers: { B: '4' } }, env)).toEqual({
    url: 'http://h/v1/traces',
    headers: { authorization: 'Bearer abc', a: '3', b: '4' },
    protocol: 'http/protobuf',
    compression: 'none',
    timeoutMs: 2500,
  });
  expect(otlpTargetOf('traces', { endpoint: 'http://me:p%40ss@h' })).toEqual({
    url: 'http://h/v1/traces',
    headers: { authorization: `Basic ${btoa('me:p@ss')}` },
    protocol: 'http/json',
    compression: 'gzip',
    timeoutMs: 10_000,
  });
  expect(otlpTargetOf('traces', { endpoint: 'https://ingest.eu0.signalfx.com' })?.protocol).toBe(
    'http/protobuf',
  );
});

test('header lists are in percent encoding, and a raw space is forgiven', () => {
  expect(parseHeaderList('Authorization=Bearer abc, x = %7Bjson%7D,,=no,bad=%zz')).toEqual({
    authorization: 'Bearer abc',
    x: '{json}',
    bad: '%zz',
  });
});

test('a header line is split at its first colon', () => {
  expect(parseHeaderLine('DD-API-KEY: a:b')).toEqual(['dd-api-key', 'a:b']);
  expect(() => parseHeaderLine('no colon')).toThrow('"no colon" is no header');
  expect(() => parseHeaderLine('two words: x')).toThrow('is no header');
});
