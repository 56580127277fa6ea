import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { START_NS, shortWork, startRecording } from '../../fixtures/sessions/recorded.ts';
import { eventually } from '../../harness/eventually.ts';
import { startServer } from '../../harness/server.ts';
import type { TestServer } from '../../harness/server.ts';
import { traceIdOf } from '../../../src/session/session-id.ts';
import { createWorkplace } from './command.ts';
import type { Workplace } from './command.ts';

let server: TestServer;
let work: Workplace;
beforeAll(async () => {
  server = await startServer();
  work = createWorkplace();
});
afterAll(async () => {
  work.dispose();
  await server.dispose();
});

interface SpanRow {
  readonly name: string;
  readonly parentSpanId: string;
  readonly spanId: string;
  readonly events: readonly { readonly name: string }[];
  readonly attributes: readonly {
    readonly key: string;
    readonly value: { readonly stringValue?: string };
  }[];
  readonly genai: Readonly<Record<string, unknown>> | null;
}

test('an exported session opens as a trace with its prompts, tools, files, tokens and cost', async () => {
  const recording = startRecording();
  // Of now, so that it is within what is kept.
  const shift = BigInt(Date.now() - 60_000) * 1_000_000n - START_NS;
  recording.record(
    'opened',
    shortWork('opened').map((event) => ({ ...event, timeNs: event.timeNs! + shift })),
    { started_at_ns: String(START_NS + shift) },
  );
  writeFileSync(path.join(work.project, 'unrelated.txt'), '');
  const ran = await work.run(
    [
      'export',
      'opened',
      '--format',
      'otlp-genai',
      '--semconv',
      'latest',
      '--endpoint',
      server.url,
      '--dir',
      recording.root,
    ],
    { env: { SIGNALBOX_SESSION_KEY: path.join(recording.folder, 'key.pem') } },
  );
  expect([ran.code, ran.stderr]).toEqual([0, 'Exported 1 session: 4 spans accepted.\n']);
  const spans = await eventually('the trace', async () => {
    const answer = await server.api('GET', `/api/v1/traces/${traceIdOf('opened')}`);
    return answer.status === 200 ? (answer.body.data as { spans: SpanRow[] }).spans : undefined;
  });
  const root = spans.find(({ parentSpanId }) => parentSpanId === '')!;
  expect(root.name).toBe('invoke_agent claude-code');
  expect(root.genai).toMatchObject({
    agent: 'claude-code',
    operation: 'invoke_agent',
    conversation: 'opened',
  });
  expect(
    root.attributes.find(({ key }) => key === 'gen_ai.input.messages')?.value.stringValue,
  ).toContain('Mend the build');
  expect(root.events.map(({ name }) => name)).toEqual(['file_write']);
  expect(
    spans
      .filter(({ parentSpanId }) => parentSpanId === root.spanId)
      .map(({ name, genai }) => [name, genai?.['operation'], genai?.['tool_name']]),
  ).toEqual([
    ['chat claude-sonnet-4-5-20250929', 'chat', null],
    ['execute_tool Write', 'execute_tool', 'Write'],
    ['execute_tool Bash', 'execute_tool', 'Bash'],
  ]);
  expect(spans.find(({ name }) => name.startsWith('chat'))!.genai).toMatchObject({
    provider: 'anthropic',
    input_tokens: 1000,
    output_tokens: 200,
    cache_read_tokens: 400,
  });
  const run = await eventually('the run with its cost', async () => {
    const answer = await server.api('GET', '/api/v1/runs?agent=claude-code');
    const [row] = (answer.body.data ?? []) as unknown as {
      cost_usd: number | null;
      tool_calls: number;
      input_tokens: number;
    }[];
    return row?.cost_usd === null || row === undefined ? undefined : row;
  });
  // 600 × $3 + 400 × $0.30 + 200 × $15 a million.
  expect(run.cost_usd).toBeCloseTo(0.00492, 9);
});

test('the server gives a signed package of its traces and decisions, which verifies offline', async () => {
  const from = new Date(Date.now() - 3_600_000).toISOString();
  const to = new Date(Date.now() + 60_000).toISOString();
  const ask = async (content: string) =>
    await server.api('POST', '/api/v1/evidence/packages', { from, to, content });
  const answer = await ask('included');
  expect(answer.status).toBe(200);
  const file = path.join(work.project, 'package.json');
  const text = JSON.stringify(answer.body);
  expect(text).toContain('npm test');
  writeFileSync(file, text);
  const verified = await work.run(['verify', '--from-export', file, '--format', 'json']);
  expect([verified.code, JSON.parse(verified.stdout)]).toMatchObject([
    0,
    { ok: true, checked_sessions: 2 },
  ]);
  writeFileSync(file, text.replaceAll('npm test', 'npm t3st'));
  expect((await work.run(['verify', '--from-export', file])).code).toBe(1);
  const digests = JSON.stringify((await ask('digests')).body);
  expect(digests).not.toContain('npm test');
  writeFileSync(file, digests);
  expect((await work.run(['verify', '--from-export', file])).code).toBe(0);
});
