import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { gatewayFileSchema } from './gateway-file.ts';
import { openExporter } from './open-exporter.ts';
import { spanOf, type TraceEntry } from './trace-entry.ts';

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'signalbox-gateway-export-'));
});
afterAll(() => rmSync(dataDir, { recursive: true }));

const ENTRY: TraceEntry = {
  trace_id: 'a'.repeat(32),
  span_id: 'b'.repeat(16),
  parent_span_id: 'c'.repeat(16),
  agent_id: 'claude',
  project: 'default',
  face: 'http',
  tool: 'filesystem.write_file',
  params: {},
  policy: 'human_approval',
  policy_rule: 'p#1',
  status_code: 403,
  latency_ms: 2,
  error: 'approval denied by ada',
  timestamp: '2026-11-25T12:00:00.000Z',
  start_unix_nano: '1795608000000000000',
  end_unix_nano: '1795608001500000000',
  approval_id: 'apr_1',
  approval_status: 'denied',
  approval_ms: 1_498,
  estimated_input_tokens: 3,
  estimated_output_tokens: 0,
  tokens_source: 'estimate',
};

const origin = {
  resource: { 'service.name': 'agent-mesh' },
  scope: { name: 'agent-mesh', version: '1' },
};

const open = (otel_endpoint?: string) =>
  openExporter({
    config: gatewayFileSchema.parse({ otel_endpoint }),
    dataDir,
    onProblem: (message) => {
      throw new Error(message);
    },
  });

test('nothing is exported without an endpoint', () => {
  expect(open()).toBeUndefined();
});

test('stdout means standard error, where a line is one request', async () => {
  const written: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  const exporter = open('stdout')!;
  exporter.export({ origin, spans: [spanOf(ENTRY, 3)] });
  await exporter.shutdown();
  spy.mockRestore();
  expect(written).toHaveLength(1);
  expect(JSON.parse(written[0]!)).toMatchObject({ resourceSpans: [{}] });
});

test('a span carries every attribute under its name, with whole numbers as texts', async () => {
  const file = join(dataDir, 'spans.jsonl');
  const exporter = open(file)!;
  exporter.export({ origin, spans: [spanOf(ENTRY, 3)] });
  await exporter.shutdown();
  const [line] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const [resourceSpans] = (JSON.parse(line!) as { resourceSpans: unknown[] }).resourceSpans;
  const { resource, scopeSpans } = resourceSpans as {
    resource: unknown;
    scopeSpans: { spans: { attributes: { key: string; value: unknown }[] }[] }[];
  };
  expect(resource).toMatchObject({
    attributes: [{ key: 'service.name', value: { stringValue: 'agent-mesh' } }],
  });
  const [span] = scopeSpans[0]!.spans;
  expect(span).toMatchObject({
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    parentSpanId: 'c'.repeat(16),
    name: 'filesystem.write_file',
    kind: 3,
    startTimeUnixNano: '1795608000000000000',
    endTimeUnixNano: '1795608001500000000',
    status: { code: 2, message: 'approval denied by ada' },
  });
  expect(span!.attributes.slice(0, 11)).toEqual([
    { key: 'agent.id', value: { stringValue: 'claude' } },
    { key: 'tool.name', value: { stringValue: 'filesystem.write_file' } },
    { key: 'policy.action', value: { stringValue: 'human_approval' } },
    { key: 'policy.rule', value: { stringValue: 'p#1' } },
    { key: 'http.status_code', value: { intValue: '403' } },
    { key: 'error.message', value: { stringValue: 'approval denied by ada' } },
    { key: 'approval.id', value: { stringValue: 'apr_1' } },
    { key: 'approval.status', value: { stringValue: 'denied' } },
    { key: 'approval.duration_ms', value: { intValue: '1498' } },
    { key: 'llm.token.input', value: { intValue: '3' } },
    { key: 'llm.token.output', value: { intValue: '0' } },
  ]);
});

test('an allowed call is OK, a denied or failed one an error', () => {
  const { error: _, ...fine } = ENTRY;
  const statusOf = (entry: Partial<TraceEntry>) => spanOf({ ...fine, ...entry }, 3).status.code;
  expect(statusOf({ policy: 'allow', status_code: 200 })).toBe(1);
  expect(statusOf({ policy: 'deny', status_code: 403 })).toBe(2);
  expect(statusOf({ policy: 'rate_limited', status_code: 429 })).toBe(2);
  expect(statusOf({ policy: 'allow', status_code: 502 })).toBe(2);
});
