import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { shortWork, startRecording } from '../../fixtures/sessions/recorded.ts';
import { buildProduct, ROOT } from '../../harness/build.ts';
import { startCollector } from '../../harness/collector.ts';
import type { Collector } from '../../harness/collector.ts';
import { finish } from '../../harness/process.ts';
import { createWorkplace } from './command.ts';
import type { Ran, Workplace } from './command.ts';

/** The commands of the documentation of sessions, as they are printed there, against receivers on this machine. */

const DAY_NS = 86_400_000_000_000n;
const NOW_NS = BigInt(Date.now()) * 1_000_000n;

let work: Workplace;
let collector: Collector;
let publicKey: string;

/** Two sessions: an old one of known days, and one of an hour ago. */
beforeAll(() => {
  buildProduct();
  work = createWorkplace();
  const recording = startRecording();
  publicKey = recording.key.publicKey;
  const shifted = (id: string, startNs: bigint) => {
    const events = shortWork(id);
    const first = events[0]!.timeNs!;
    recording.record(
      id,
      events.map((event) => ({ ...event, timeNs: startNs + event.timeNs! - first })),
      { started_at_ns: String(startNs) },
    );
  };
  shifted('march-session', BigInt(Date.UTC(2026, 2, 31, 22)) * 1_000_000n);
  shifted('latest-session', NOW_NS - DAY_NS / 24n);
  writeFileSync(
    path.join(recording.root, 'latest-session', 'eval.json'),
    JSON.stringify({
      results: [{ scorer: 'no_errors', score: 0.5, threshold: 0.85, passed: false }],
    }),
  );
  work.env['SIGNALBOX_SESSION_DIR'] = recording.root;
  work.env['SIGNALBOX_SESSION_KEY'] = path.join(recording.folder, 'key.pem');
});
afterAll(() => work.dispose());
beforeEach(async () => (collector = await startCollector()));
afterEach(async () => await collector.close());

const signalbox = async (line: string, env: Record<string, string> = {}): Promise<Ran> =>
  await work.run(words(line), { env });

/** A command line as a shell splits it, as far as double quotes. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);

const spansOf = (collected: Collector) =>
  collected.requests.flatMap(({ json }) =>
    json.resourceSpans.flatMap((each: { scopeSpans: { spans: unknown[] }[] }) =>
      each.scopeSpans.flatMap(({ spans }) => spans),
    ),
  ) as {
    name: string;
    kind: number;
    traceId: string;
    spanId: string;
    parentSpanId?: string;
    status: object;
    events: { name: string }[];
    attributes: { key: string; value: Record<string, unknown> }[];
  }[];

const plain = (attributes: readonly { key: string; value: Record<string, unknown> }[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

describe('export as traces', () => {
  test('without an id the latest session goes, in the names of otlp-genai', async () => {
    const { code, stderr, stdout } = await signalbox(
      `export --format otlp-genai --endpoint ${collector.url}`,
    );
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Exported 1 session: 4 spans accepted.\n',
    });
    const [request] = collector.requests;
    expect([request!.method, request!.path, request!.headers['content-type']]).toEqual([
      'POST',
      '/v1/traces',
      'application/json',
    ]);
    const spans = spansOf(collector);
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['gen_ai.client.operation', 3],
      ['gen_ai.tool.call/Write', 3],
      ['gen_ai.tool.call/Bash', 3],
      ['gen_ai.agent.session (claude-code)', 1],
    ]);
    const root = spans.at(-1)!;
    expect(new Set(spans.slice(0, -1).map(({ parentSpanId }) => parentSpanId))).toEqual(
      new Set([root.spanId]),
    );
    expect(plain(spans[0]!.attributes)).toMatchObject({
      'gen_ai.system': 'anthropic',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'claude-sonnet-4-5-20250929',
      'gen_ai.request.max_tokens': '4096',
      'gen_ai.usage.input_tokens': '1000',
      'gen_ai.usage.output_tokens': '200',
    });
    expect(spans[2]!.status).toEqual({ code: 2, message: 'exit 1' });
    expect(spans[2]!.events).toEqual([
      expect.objectContaining({
        name: 'exception',
        attributes: [
          { key: 'exception.type', value: { stringValue: 'tool_error' } },
          { key: 'exception.message', value: { stringValue: 'exit 1' } },
          { key: 'exception.escaped', value: { boolValue: false } },
        ],
      }),
    ]);
    expect(root.events.map(({ name }) => name)).toEqual([
      'gen_ai.user.message',
      'file_write',
      'gen_ai.assistant.message',
    ]);
  });

  test('the payload of one session goes to standard output when nothing says where to send it', async () => {
    const { code, stderr, stdout } = await signalbox('export latest-session --format otlp');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first, second] = (
      JSON.parse(stdout) as {
        resourceSpans: {
          resource: { attributes: never[] };
          scopeSpans: { spans: { name: string; kind: number }[] }[];
        }[];
      }
    ).resourceSpans;
    expect(second).toBeUndefined();
    expect(first!.scopeSpans[0]!.spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['tool/Write', 3],
      ['Bash', 1],
      ['agent-session (claude-code)', 1],
    ]);
    expect(plain(first!.resource.attributes)).toMatchObject({
      'service.name': 'signalbox',
      'agent.session_id': 'latest-session',
    });
  });

  test("today's conventions", async () => {
    await signalbox(
      `export latest --format otlp-genai --semconv latest --endpoint ${collector.url}`,
    );
    const spans = spansOf(collector);
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['chat claude-sonnet-4-5-20250929', 3],
      ['execute_tool Write', 1],
      ['execute_tool Bash', 1],
      ['invoke_agent claude-code', 1],
    ]);
    expect(plain(spans[2]!.attributes)).toMatchObject({
      'error.type': 'tool_error',
      'gen_ai.tool.call.arguments': '{"command":"npm test"}',
    });
  });

  /** What each page's commands must send, in their order: path and headers. */
  const PAGES: Readonly<Record<string, readonly (readonly [string, object])[]>> = {
    datadog: [
      ['/v1/traces', {}],
      ['/v1/traces', { 'dd-api-key': 'key-of-DD_API_KEY' }],
    ],
    honeycomb: [['/v1/traces', { 'x-honeycomb-team': 'key-of-HONEYCOMB_API_KEY' }]],
    'tempo-jaeger': [['/v1/traces', {}]],
    'new-relic': [['/v1/traces', { 'api-key': 'key-of-NEW_RELIC_LICENSE_KEY' }]],
    // The path follows from the host, which otlp-target.test.ts holds; here another host stands for it.
    splunk: [['/v1/traces', { 'x-sf-token': 'key-of-SPLUNK_ACCESS_TOKEN' }]],
    langfuse: [
      ['/api/public/ingestion', { authorization: `Basic ${btoa('pk-lf-...:sk-lf-...')}` }],
      ['/api/public/ingestion', {}],
      ['/api/public/ingestion', {}],
      ['/api/public/otel/v1/traces', { authorization: 'Basic key-of-LANGFUSE_AUTH' }],
    ],
    signalbox: [['/v1/traces', { authorization: 'Bearer key-of-SIGNALBOX_KEY' }]],
  };

  /** The export commands of a page, with this test's receiver for every host and made-up keys. */
  function commandsOf(page: string): string[] {
    const text = readFileSync(path.join(ROOT, 'docs', 'backends', `${page}.md`), 'utf8');
    return [...text.matchAll(/^signalbox (export .*)$/gm)].map((match) =>
      match[1]!
        .replace('<session-id>', 'latest-session')
        .replaceAll(/https?:\/\/[\w.-]+(?::\d+)?/g, collector.url)
        .replaceAll(/\$(\w+)/g, 'key-of-$1')
        .replace(
          '--backend langfuse',
          `--backend langfuse${match[1]!.includes('--langfuse-host') ? '' : ` --langfuse-host ${collector.url}`}`,
        ),
    );
  }

  test.each(Object.keys(PAGES))(
    'every command of the page on %s reaches its path with its headers',
    async (page) => {
      const commands = commandsOf(page);
      for (const command of commands) {
        const ran = await signalbox(command, {
          LANGFUSE_PUBLIC_KEY: 'pk-lf-...',
          LANGFUSE_SECRET_KEY: 'sk-lf-...',
        });
        expect([command, ran.code, ran.stderr]).toEqual([
          command,
          0,
          expect.stringMatching(/^Exported 1 session: \d+ [\w ]+ accepted\.\n$/),
        ]);
      }
      const expected = PAGES[page]!;
      expect(collector.requests.map(({ path: at }) => at)).toEqual(expected.map(([at]) => at));
      for (const [index, [, headers]] of expected.entries()) {
        expect(collector.requests[index]!.headers).toMatchObject(headers);
      }
      if (page === 'honeycomb') {
        const [resource] = collector.requests[0]!.json.resourceSpans;
        expect(plain(resource.resource.attributes)['service.name']).toBe('my-agent');
      }
    },
  );

  test('the standard variables name where to send, and the exit code tells what was refused', async () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/base`,
      OTEL_EXPORTER_OTLP_HEADERS: 'k=v%201',
    };
    collector.answers.push({ status: 401, body: 'no key' });
    const refused = await signalbox('export', env);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      `${collector.url}/base/v1/traces answered 401: no key\nExported 1 session: 0 spans accepted, 3 rejected.\n`,
    );
    expect(collector.requests[0]!.headers['k']).toBe('v 1');
    const { code } = await signalbox('export --format otlp-genai', {
      ...env,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    });
    expect([code, collector.requests[1]!.headers['content-type']]).toEqual([
      0,
      'application/x-protobuf',
    ]);
  });
});

describe('export elsewhere', () => {
  const keys = { LANGFUSE_PUBLIC_KEY: 'pk-lf-1', LANGFUSE_SECRET_KEY: 'sk-lf-1' };

  test('Langfuse gets a trace, spans, a generation and scores, under the same ids each time', async () => {
    const line = `export --scores --backend langfuse --langfuse-host ${collector.url}`;
    const { code, stderr } = await signalbox(line, keys);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Exported 1 session: 5 observations and scores accepted.\n',
    });
    await signalbox(
      `export --since 7d --scores --backend langfuse --langfuse-host ${collector.url}`,
      keys,
    );
    const [first, again] = collector.requests;
    expect([first!.path, first!.headers['authorization']]).toEqual([
      '/api/public/ingestion',
      `Basic ${btoa('pk-lf-1:sk-lf-1')}`,
    ]);
    expect(again!.json).toEqual(first!.json);
    const batch = first!.json.batch as { type: string; body: Record<string, unknown> }[];
    expect(batch.map(({ type, body }) => [type, body['name']])).toEqual([
      ['trace-create', 'claude-code'],
      ['generation-create', 'llm-call'],
      ['span-create', 'tool/Write'],
      ['span-create', 'tool/Bash'],
      ['score-create', 'no_errors'],
    ]);
    expect(batch[1]!.body).toMatchObject({
      model: 'claude-sonnet-4-5-20250929',
      usageDetails: { input: 600, input_cached_tokens: 400, output: 200 },
      // 600 × $3 + 400 × $0.30 + 200 × $15 a million.
      costDetails: { total: 0.00492 },
    });
    expect(batch[4]!.body).toMatchObject({ value: 0.5, comment: 'threshold=0.85 passed=false' });
  });

  test('metrics are gauges with the definitions of the documentation', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const { code, stderr } = await signalbox('export --metrics --backend otlp --since 30d', env);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Exported 1 session: 7 data points accepted.\n',
    });
    expect(collector.requests[0]!.path).toBe('/v1/metrics');
    const { metrics } = collector.requests[0]!.json.resourceMetrics[0].scopeMetrics[0];
    expect(
      Object.fromEntries(
        metrics.map((metric: { name: string; gauge: { dataPoints: { asDouble: number }[] } }) => [
          metric.name,
          metric.gauge.dataPoints[0]!.asDouble,
        ]),
      ),
    ).toEqual({
      'signalbox.session.cost_usd': 0.00492,
      'signalbox.session.error_rate': 0.5,
      'signalbox.session.retry_rate': 0,
      'signalbox.session.blast_radius': 1,
      'signalbox.session.duration_s': 2.6,
      'signalbox.session.tool_calls': 2,
      'signalbox.eval.score': 0.5,
    });
  });
});

describe('baselines', () => {
  test('are reckoned, shown and checked, and the exit code gates', async () => {
    expect((await signalbox('baseline check latest')).code).toBe(2);
    expect((await signalbox('baseline update --sessions 50')).code).toBe(0);
    const shown = await signalbox('baseline show --json');
    expect(JSON.parse(shown.stdout)).toMatchObject({
      session_count: 2,
      metrics: { tool_calls: { mean: 2, n: 2 } },
    });
    // Two sessions are too few to tell.
    const checked = await signalbox('baseline check latest --threshold 2.5 --format json');
    expect(checked.code).toBe(2);
    expect(JSON.parse(checked.stdout)).toMatchObject({
      session_id: 'latest-session',
      anomalous: null,
      threshold: 2.5,
    });
  });
});

describe('evidence', () => {
  test('a package of a quarter holds its last day, verifies, and does not when it was changed', async () => {
    const file = path.join(work.project, 'Q1-2026-audit.json');
    const made = await signalbox(
      'export --all --since 2026-01-01 --until 2026-03-31 --format eu-ai-act --output Q1-2026-audit.json',
    );
    expect({ code: made.code, stderr: made.stderr }).toEqual({
      code: 0,
      stderr: 'Wrote Q1-2026-audit.json.\n',
    });
    const verified = await signalbox('verify --from-export Q1-2026-audit.json');
    expect([verified.code, verified.stdout]).toEqual([
      0,
      `Export hash chain intact - 11 events checked, signed by ${publicKey}\n`,
    ]);
    const alone = await finish(process.execPath, [
      path.join(ROOT, 'dist/base/verifier.js'),
      file,
      publicKey,
    ]);
    expect([alone.code, JSON.parse(alone.stdout)]).toEqual([
      0,
      { ok: true, checked_sessions: 1, checked_events: 11, public_key: publicKey, failures: [] },
    ]);
    writeFileSync(path.join(work.project, 'null.json'), 'null');
    const outcomes = ['null.json', 'nowhere.json'].map((name) =>
      finish(process.execPath, [
        path.join(ROOT, 'dist/base/verifier.js'),
        path.join(work.project, name),
      ]),
    );
    expect((await Promise.all(outcomes)).map(({ code }) => code)).toEqual([1, 2]);
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      compliance_metadata: { tamper_evident: true, session_count: 1 },
      sessions: [
        {
          session_id: 'march-session',
          session_start: '2026-03-31T22:00:00.000000000Z',
          article_12: {
            trace_integrity: { hash_chain_valid: true, event_count: 11 },
            data_categories_processed: [
              'error_log',
              'file_content',
              'model_output',
              'prompt_content',
              'tool_io',
            ],
          },
          article_13: {
            capabilities_summary: {
              tools_available: null,
              tools_used: ['Bash', 'Write'],
              models_used: ['claude-sonnet-4-5-20250929'],
            },
            usage: { cost_usd: 0.00492 },
            limitations: { errors_encountered: 1, unresolved_failures: ['Bash'] },
          },
        },
      ],
    });
    writeFileSync(file, text.replace('Mend the build', 'Leave the build'));
    const changed = await signalbox('verify --from-export Q1-2026-audit.json');
    expect(changed.code).toBe(1);
    expect(changed.stdout).toContain('the signature of the package is not right');
    for (const nothing of ['null', '{"success":true}']) {
      writeFileSync(file, nothing);
      const { code, stdout } = await signalbox('verify --from-export Q1-2026-audit.json');
      expect([code, stdout.split('\n')[1]]).toEqual([
        1,
        '  package: the package holds no sessions',
      ]);
    }
  });

  test('a session verifies, and the store is told how ready it is', async () => {
    expect((await signalbox('verify latest')).stdout).toContain(
      'latest-session: intact, 11 events',
    );
    const { code, stdout } = await signalbox('audit-readiness --format json');
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { session_count: 2, compliance_score: 100, ready: true },
    ]);
    const strict = await signalbox('audit-readiness --retention-days 3650');
    expect([strict.code, strict.stdout.split('\n')[0]]).toEqual([
      0,
      'Ready: 90 of 100, 2 sessions',
    ]);
  });
});

test('what is not there is said with exit code 2', async () => {
  for (const line of [
    'export nobody',
    'export --since soon',
    'export latest --header nonsense --endpoint http://127.0.0.1:1',
    'sessions show nobody',
    'verify --from-export nowhere.json',
  ]) {
    const { code, stderr } = await signalbox(line);
    expect([line, code, stderr.includes('error:')]).toEqual([line, 2, true]);
  }
  expect(existsSync(path.join(work.project, '.signalbox'))).toBe(false);
});
