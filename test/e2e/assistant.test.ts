import { rm } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { canRunNats } from '../../sdk/src/testing/nats-server.ts';
import { clickhouseConfigSchema } from '../../src/storage/clickhouse/config.ts';
import { openEmbeddedEngine } from '../../src/storage/clickhouse/engine-embedded.ts';
import { buildProduct, ROOT } from '../harness/build.ts';
import { eventually } from '../harness/eventually.ts';
import { finish } from '../harness/process.ts';
import type { Finished } from '../harness/process.ts';
import { ADMIN, temporaryFolder } from '../harness/server.ts';

const SIGNALBOX = path.join(ROOT, 'bin', 'signalbox.js');
const EXAMPLE = path.join(ROOT, 'examples', 'assistant');
const [SERVER, CLIENT] = [2, 3];
const [UNSET, ERROR] = [0, 2];

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

interface Span {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly Attribute[] }[];
  readonly status: { readonly code: number };
  readonly resource: { readonly attributes: readonly Attribute[] };
}

const attributeOf = (attributes: readonly Attribute[], key: string): string | undefined => {
  const value = attributes.find((attribute) => attribute.key === key)?.value;
  return value?.stringValue ?? value?.intValue;
};
const serviceOf = (span: Span): string | undefined =>
  attributeOf(span.resource.attributes, 'service.name');
const countOf = (span: Span, key: string): number => Number(attributeOf(span.attributes, key));
const exceptionsOf = ({ events }: Span): (string | undefined)[] =>
  events
    .filter(({ name }) => name === 'exception')
    .map(({ attributes }) => attributeOf(attributes, 'exception.type'));

/** Through NATS where there is a server; the rest is the same over HTTP alone. */
const throughNats = canRunNats();
const transport = throughNats ? [] : ['--transport', 'http'];

let folder: string;
let signalboxUrl: string;
let traces: readonly { readonly traceId: string; readonly rootName: string | null }[];
let spans: readonly Span[];

async function platform(verb: string, ...flags: string[]): Promise<Finished> {
  const args = ['platform', verb, '--file', EXAMPLE, '--state-dir', path.join(folder, 'state')];
  const finished = await finish(process.execPath, [SIGNALBOX, ...args, ...flags], {
    env: { SIGNALBOX_ADMIN_PASSWORD: ADMIN.password },
  });
  if (finished.code !== 0) throw new Error(`${finished.stdout}\n${finished.stderr}`);
  return finished;
}

async function addressOf(name: string): Promise<string> {
  const { processes } = JSON.parse((await platform('status', '--json')).stdout) as {
    processes: { name: string; url: string }[];
  };
  return processes.find((process) => process.name === name)!.url;
}

async function ask<T>(url: string, token?: string): Promise<T> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function signIn(): Promise<string> {
  const answer = await fetch(`${signalboxUrl}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

beforeAll(async () => {
  buildProduct();
  folder = await temporaryFolder();
  await platform('up', '--detach', ...transport);
  signalboxUrl = await addressOf('signalbox');
  const slack = await addressOf('slack');
  // The stand-in mentions the assistant as soon as it has joined.
  await eventually(
    'the answer in Slack',
    async () => (await ask<unknown[]>(`${slack}/messages`)).length === 1 || undefined,
    60_000,
  );
  const token = await signIn();
  const service = 'signalbox-channel-slack';
  await eventually('the whole trace', async () => {
    const found = await ask<{ data: typeof traces }>(
      `${signalboxUrl}/api/v1/traces?service=${service}`,
      token,
    );
    traces = found.data.filter(({ rootName }) => rootName === 'slack.app_mention');
    const answer = await ask<{ data: { spans: readonly Span[] } }>(
      `${signalboxUrl}/api/v1/traces/${traces[0]!.traceId}?limit=1000`,
      token,
    );
    spans = answer.data.spans;
    const ids = new Set(spans.map(({ spanId }) => spanId));
    const missing = spans.filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId));
    return (new Set(spans.map(serviceOf)).size >= 5 && missing.length === 0) || undefined;
  });
});

afterAll(async () => {
  await platform('down');
  await rm(folder, { recursive: true, force: true });
});

describe('a mention in Slack', () => {
  test('is one trace of four services and the gateway and no orphan, entered at slack.app_mention', () => {
    expect(traces).toHaveLength(1);
    expect(spans.length).toBeGreaterThanOrEqual(150);
    expect([...new Set(spans.map((span) => serviceOf(span) ?? ''))].toSorted()).toEqual([
      'agent-mesh',
      'signalbox-channel-slack',
      'signalbox-coordinator',
      'signalbox-travel',
      'signalbox-weather',
    ]);
    const roots = spans.filter(({ parentSpanId }) => !parentSpanId);
    expect(roots.map((span) => [span.name, serviceOf(span)])).toEqual([
      ['slack.app_mention', 'signalbox-channel-slack'],
    ]);
  });

  test('goes from caller to agent over HTTP and through NATS', () => {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const callers = spans
      .filter(({ kind }) => kind === SERVER)
      .map((span) => {
        const caller = byId.get(span.parentSpanId)!;
        expect(caller.kind).toBe(CLIENT);
        return `${serviceOf(caller)} → ${serviceOf(span)}: ${span.name}`;
      });
    const subject = 'signalbox.assistant.agents.travel.tasks';
    const toTravel = throughNats ? `process ${subject}` : 'POST';
    expect([...new Set(callers)].toSorted()).toEqual([
      'signalbox-channel-slack → signalbox-coordinator: POST',
      `signalbox-coordinator → signalbox-travel: ${toTravel}`,
      'signalbox-coordinator → signalbox-weather: POST',
    ]);
  });

  test('has each tool call where the gateway let it through', () => {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const ancestorOf = (span: Span): Span => byId.get(byId.get(span.parentSpanId)!.parentSpanId)!;
    const through = spans.filter((span) => serviceOf(span) === 'agent-mesh');
    expect(through).toHaveLength(36);
    expect(through.filter((span) => ancestorOf(span).name !== `execute_tool ${span.name}`)).toEqual(
      [],
    );
  });

  test('is one conversation', () => {
    const conversations = spans.map((span) =>
      attributeOf(span.attributes, 'gen_ai.conversation.id'),
    );
    const [first, ...others] = new Set(conversations.filter((id) => id !== undefined));
    expect(first).toMatch(/^slack:T0SIGNAL:C0TRAVEL:\d+\.\d+$/);
    expect(others).toEqual([]);
  });

  test('has the tokens of every model call', () => {
    const calls = spans.filter(({ name }) => name === 'gen_ai.chat');
    expect(calls).toHaveLength(21);
    const wrong = calls.filter(
      (span) =>
        span.kind !== CLIENT ||
        !(countOf(span, 'gen_ai.usage.input_tokens') > 0) ||
        !(countOf(span, 'gen_ai.usage.output_tokens') > 0) ||
        !(countOf(span, 'gen_ai.usage.cache_read.input_tokens') >= 0) ||
        attributeOf(span.attributes, 'gen_ai.request.model') !== 'gpt-5-mini',
    );
    expect(wrong).toEqual([]);
  });

  test('is red where something failed, and not where a stream ended', () => {
    const ends = spans.filter((span) => exceptionsOf(span).includes('QueueShutDown'));
    expect(ends).toHaveLength(7);
    expect(ends.filter(({ status }) => status.code !== UNSET)).toEqual([]);
    const red = spans.filter(({ status }) => status.code === ERROR);
    expect(red.map(({ name }) => name).toSorted()).toEqual([
      'POST',
      'execute_tool find_hotels',
      'find_hotels',
    ]);
    expect(red.flatMap(exceptionsOf)).toEqual(['Error']);
  });
});

test('the histograms of tokens add up to what the spans say', async () => {
  const total = (key: string): number =>
    spans
      .filter(({ name }) => name === 'gen_ai.chat')
      .reduce((sum, span) => sum + countOf(span, key), 0);
  const expected = {
    input: total('gen_ai.usage.input_tokens'),
    output: total('gen_ai.usage.output_tokens'),
    cache_read: total('gen_ai.usage.cache_read.input_tokens'),
  };
  expect(expected.cache_read).toBeGreaterThan(0);
  // What was measured since the last export is sent on the way down, and Signalbox goes last.
  await platform('down');
  const engine = await openEmbeddedEngine(
    path.join(folder, 'state', 'data', 'engine'),
    clickhouseConfigSchema.parse({}),
  );
  try {
    const latest = `SELECT argMax(sum, time) AS total, argMax(count, time) AS calls, any(name) AS metric,
      any(attributes['gen_ai.token.type']) AS type FROM metric_points
      WHERE startsWith(name, 'gen_ai.client.') GROUP BY stream_id, start`;
    const rows = await engine.query<{ metric: string; type: string; total: number; calls: number }>(
      `SELECT metric, type, toFloat64(sum(total)) AS total, toFloat64(sum(calls)) AS calls FROM (${latest}) GROUP BY metric, type`,
    );
    const tokens = rows.filter(({ metric }) => metric === 'gen_ai.client.token.usage');
    expect(Object.fromEntries(tokens.map(({ total: sum, type }) => [type, sum]))).toEqual(expected);
    expect(rows.find(({ metric }) => metric === 'gen_ai.client.operation.duration')?.calls).toBe(
      21,
    );
  } finally {
    await engine.close();
  }
});
