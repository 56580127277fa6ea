import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { startCollector } from '../../test/harness/collector.ts';
import type { Collector } from '../../test/harness/collector.ts';
import { encodeExportResponse } from '../otlp/response.ts';
import { transcodeJson } from '../otlp/transcode-json.ts';
import { otlpTargetOf } from './otlp-target.ts';
import type { OtlpTarget, OtlpTargetOptions } from './otlp-target.ts';
import { retryAfterMs, sendOtlp } from './send-otlp.ts';

const json = Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"one"}]}]}]}');
const request = { signal: 'traces', json } as const;
const quick = { firstDelayMs: 1, random: () => 0 };

let collector: Collector;
beforeEach(async () => (collector = await startCollector()));
afterEach(async () => await collector.close());

const target = (options: OtlpTargetOptions = {}): OtlpTarget =>
  otlpTargetOf('traces', { endpoint: collector.url, ...options })!;

describe('a request', () => {
  test('arrives as it was given, gzipped, with the headers', async () => {
    expect(await sendOtlp(target({ headers: { 'X-Key': 'k' } }), request)).toEqual({
      kind: 'accepted',
      rejected: 0,
      message: '',
    });
    const [got] = collector.requests;
    expect({ path: got!.path, method: got!.method, body: got!.body.toString() }).toEqual({
      path: '/v1/traces',
      method: 'POST',
      body: json.toString(),
    });
    expect(got!.headers).toMatchObject({
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'x-key': 'k',
    });
  });

  test('goes as protocol buffers where the target wants them', async () => {
    const result = encodeExportResponse({ rejected: 3, message: 'too old' });
    collector.answers.push({ status: 200, body: result });
    const protobuf = target({ protocol: 'http/protobuf', compression: 'none' });
    expect(await sendOtlp(protobuf, request)).toEqual({
      kind: 'accepted',
      rejected: 3,
      message: 'too old',
    });
    expect(collector.requests[0]!.headers['content-type']).toBe('application/x-protobuf');
    expect(collector.requests[0]!.body).toEqual(transcodeJson('traces', json));
  });

  test('reports what was taken in part, and is not repeated for it', async () => {
    const partialSuccess = { rejectedSpans: '1', errorMessage: 'no name' };
    collector.answers.push({ status: 200, body: JSON.stringify({ partialSuccess }) });
    expect(await sendOtlp(target(), request)).toEqual({
      kind: 'accepted',
      rejected: 1,
      message: 'no name',
    });
    expect(collector.requests).toHaveLength(1);
  });

  test.each([429, 502, 503, 504])('is sent again after %i', async (status) => {
    collector.answers.push({ status }, { status });
    expect(await sendOtlp(target(), request, quick)).toMatchObject({ kind: 'accepted' });
    expect(collector.requests).toHaveLength(3);
  });

  test.each([400, 401, 403, 404, 413, 500, 501])('is not sent again after %i', async (status) => {
    collector.answers.push({
      status,
      headers: { location: collector.url },
      body: 'no\u001B[31m',
    });
    expect(await sendOtlp(target(), request, quick)).toEqual({
      kind: 'refused',
      status,
      message: `${collector.url}/v1/traces answered ${status}: no [31m`,
    });
    expect(collector.requests).toHaveLength(1);
  });

  test.each([302, 308])('follows no redirect, and says where %i leads to', async (status) => {
    collector.answers.push({ status, headers: { location: `${collector.url}/there\t` } });
    const message = `${collector.url}/v1/traces answered ${status}: it leads to ${collector.url}/there, which is not followed; name that address if it is right`;
    const result = await sendOtlp(target(), request, quick);
    expect(result).toEqual({ kind: 'refused', status, message });
    expect(collector.requests).toHaveLength(1);
  });

  test('that a web page answers is told of', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    collector.answers.push({ status: 200, headers, body: '<html>Sign in</html>' });
    expect(await sendOtlp(target(), request, quick)).toEqual({
      kind: 'accepted',
      rejected: 0,
      message: `${collector.url}/v1/traces answered 200 with a web page, which is no answer of a receiver: is it the right address?`,
    });
  });

  test('to a receiver that speaks no https says so', async () => {
    const endpoint = collector.url.replace('http:', 'https:');
    expect(await sendOtlp(target({ endpoint }), request, { ...quick, attemptsMax: 1 })).toEqual({
      kind: 'unanswered',
      message: `${endpoint}/v1/traces cannot be reached: it does not answer as https; is it http?`,
      retryAfterMs: undefined,
    });
  });

  test('is given up after so many attempts, with the reason', async () => {
    for (let i = 0; i < 3; i += 1) collector.answers.push({ status: 503, body: 'busy' });
    expect(await sendOtlp(target(), request, { ...quick, attemptsMax: 3 })).toEqual({
      kind: 'unanswered',
      message: `${collector.url}/v1/traces answered 503: busy`,
    });
    expect(collector.requests).toHaveLength(3);
  });

  test('waits as long as it is told, or gives up when that is too long', async () => {
    collector.answers.push({ status: 429, headers: { 'retry-after': '0.2' } });
    const began = performance.now();
    await sendOtlp(target(), request, quick);
    expect(performance.now() - began).toBeGreaterThan(190);
    collector.answers.push({ status: 429, headers: { 'retry-after': '3600' } });
    expect(await sendOtlp(target(), request, { ...quick, delayMsMax: 10 })).toMatchObject({
      kind: 'unanswered',
      retryAfterMs: 3_600_000,
    });
  });

  test('to a receiver that hangs or is not there is given up', async () => {
    collector.answers.push('hang');
    const once = { ...quick, attemptsMax: 1 };
    expect(await sendOtlp(target({ timeoutMs: 50 }), request, once)).toEqual({
      kind: 'unanswered',
      message: `${collector.url}/v1/traces did not answer within 50 ms`,
    });
    const nobody = otlpTargetOf('traces', { endpoint: 'http://127.0.0.1:1' })!;
    expect(await sendOtlp(nobody, request, once)).toMatchObject({
      kind: 'unanswered',
      message: expect.stringContaining('http://127.0.0.1:1/v1/traces cannot be reached'),
    });
  });

  test('ends at once when it is aborted', async () => {
    collector.answers.push({ status: 503 });
    const stop = new AbortController();
    const sent = sendOtlp(target(), request, { firstDelayMs: 60_000, signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    expect(await sent).toMatchObject({ kind: 'unanswered' });
  });
});

test('Retry-After is seconds or a date', () => {
  const now = Date.UTC(2026, 10, 20, 12);
  expect(retryAfterMs('2', now)).toBe(2000);
  expect(retryAfterMs('Fri, 20 Nov 2026 12:00:03 GMT', now)).toBe(3000);
  expect(retryAfterMs('Fri, 20 Nov 2026 11:00:00 GMT', now)).toBe(0);
  expect(retryAfterMs('soon', now)).toBeUndefined();
  expect(retryAfterMs(null, now)).toBeUndefined();
});
