import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Browser } from 'playwright-core';
import { stringify } from 'yaml';

import { launchBrowser, openSignedIn } from '../test/browser/browser.ts';
import { sendTrace } from '../test/browser/telemetry.ts';
import type { SentSpan } from '../test/browser/telemetry.ts';
import { ROOT } from '../test/harness/build.ts';
import { eventually } from '../test/harness/eventually.ts';
import { run } from '../test/harness/process.ts';
import { freePort, startServer, temporaryFolder } from '../test/harness/server.ts';
import type { TestServer } from '../test/harness/server.ts';

/**
 * Takes the pictures of `docs/screenshots`, each in both themes: `npm run screenshots`. A server of its own with the
 * demonstration's traffic at a fixed seed, an agent that changed after two weeks of sameness, and a call that waits.
 */

const FOLDER = path.join(ROOT, 'docs', 'screenshots');
const FILE_BYTES_MAX = 170_000;
const ALL_BYTES_MAX = 2_500_000;
const SIZE = { width: 1120, height: 720 };
const HOUR_MS = 3_600_000;
const CHANGED_AGENT = 'claims-handler';

interface Picture {
  readonly name: string;
  readonly path: string;
  /** What stands there once the page has all that it shows. */
  readonly shown: string;
  /** Pressed before it is taken. */
  readonly press?: string;
}

async function main(): Promise<void> {
  const folder = await temporaryFolder();
  const gatewayPort = await freePort();
  const gateway = path.join(folder, 'gateway.yaml');
  writeFileSync(gateway, stringify(gatewayConfig(gatewayPort)));
  const server = await startServer({ args: ['--gateway', gateway] });
  const browser = await launchBrowser();
  try {
    await fill(server, gatewayPort);
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const picture of await picturesOf(server)) {
      for (const theme of ['light', 'dark'] as const) await take(browser, server, picture, theme);
    }
  } finally {
    await browser.close();
    await server.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
  checkSizes();
}

const gatewayConfig = (port: number) => ({
  port,
  registry: { unknown: 'allow', unreviewed: 'allow' },
  policies: [
    {
      name: 'refunds',
      agent: 'refund-specialist',
      rules: [
        { tools: ['pay.refund'], action: 'human_approval' },
        { tools: ['pay.*'], action: 'allow' },
      ],
    },
    { name: 'everyone', rules: [{ tools: ['*'], action: 'deny' }] },
  ],
  cli_tools: [{ name: 'pay', bin: 'echo', default_action: 'human_approval' }],
});

async function fill(server: TestServer, gatewayPort: number): Promise<void> {
  await sendChange(server);
  const demo = run(process.execPath, [
    path.join(ROOT, 'bin', 'signalbox.js'),
    'demo',
    '--once',
    '--seed=7',
    `--url=${server.url}`,
    `--key=${server.ingestKey}`,
  ]);
  if ((await demo.exited).code !== 0) throw new Error(`the demonstration failed: ${demo.stderr()}`);
  await eventually(
    'the runs of the demonstration',
    async () => {
      // The newest come last.
      const since = new Date(Date.now() - HOUR_MS / 2).toISOString();
      const { body } = await server.api('GET', `/api/v1/runs?from=${since}&limit=100`);
      return (body.data as unknown[]).length >= 30 ? true : undefined;
    },
    120_000,
  );
  await decide(server);
  // What is usual of agents is reckoned anew at a start.
  await server.stop();
  await server.restart();
  await eventually(
    'the anomalies',
    async () => {
      const { body } = await server.api('GET', '/api/v1/anomalies');
      return (body.data as unknown[]).length > 0 ? true : undefined;
    },
    90_000,
  );
  void askForRefunds(gatewayPort);
  await eventually('the calls that wait', async () => {
    const { body } = await server.api('GET', '/api/v1/gateway');
    return (body.data as { approvals_pending: number }).approvals_pending >= 2 ? true : undefined;
  });
}

/** Two weeks of runs that are alike, and an afternoon of runs that take four times as long. */
async function sendChange({ url, ingestKey }: TestServer): Promise<void> {
  const nowMs = Date.now();
  const starts = [
    ...Array.from({ length: 160 }, (_, at) => nowMs - (4 + at * 2) * HOUR_MS),
    ...Array.from({ length: 14 }, (_, at) => nowMs - (10 + at * 12) * 60_000),
  ];
  for (const [at, startedAtMs] of starts.entries()) {
    const isSlow = nowMs - startedAtMs < 3.5 * HOUR_MS;
    const durationMs = (isSlow ? 12_000 : 3_000) * (0.8 + ((at * 7) % 10) / 25);
    await sendTrace(url, ingestKey, {
      traceId: (0xc1a1 + at).toString(16).padStart(32, '0'),
      service: CHANGED_AGENT,
      startedAtMs,
      spans: spansOf(durationMs, isSlow && at % 3 === 0),
    });
  }
}

function spansOf(durationMs: number, fails: boolean): SentSpan[] {
  const model = { 'gen_ai.provider.name': 'anthropic', 'gen_ai.request.model': 'claude-haiku-4-5' };
  const tokens = { 'gen_ai.usage.input_tokens': 2_400, 'gen_ai.usage.output_tokens': 180 };
  return [
    {
      id: 1,
      name: `invoke_agent ${CHANGED_AGENT}`,
      startMs: 0,
      durationMs,
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': CHANGED_AGENT },
      ...(fails ? { error: 'the policy system did not answer' } : {}),
    },
    {
      id: 2,
      parent: 1,
      name: 'chat claude-haiku-4-5',
      startMs: 20,
      durationMs: durationMs - 40,
      attributes: { 'gen_ai.operation.name': 'chat', ...model, ...tokens },
    },
  ];
}

/** What people would have decided by now: most agents approved, a budget, a rule. */
async function decide(server: TestServer): Promise<void> {
  const { body } = await server.api('GET', '/api/v1/agents?limit=100');
  const waiting = ['web-scout', 'report-writer', 'nightly-summarizer'];
  for (const { agent_id: id, name } of body.data as { agent_id: string; name: string }[]) {
    if (waiting.includes(name)) continue;
    await must(server, 'PATCH', `/api/v1/agents/${id}`, { status: 'APPROVED', reason: 'reviewed' });
  }
  await must(server, 'POST', '/api/v1/budgets', { scope: 'project', amount_usd: 25 });
  await must(server, 'POST', '/api/v1/budgets', {
    scope: 'agent',
    subject: 'support-desk',
    amount_usd: 3,
  });
}

async function must(
  server: TestServer,
  method: string,
  route: string,
  asked: unknown,
): Promise<void> {
  const { status, body } = await server.api(method, route, asked);
  if (status >= 300) throw new Error(`${method} ${route} answered ${status}: ${body.error}`);
}

async function askForRefunds(port: number): Promise<void> {
  const ask = (args: readonly string[]) =>
    fetch(`http://127.0.0.1:${port}/tool/pay.refund`, {
      method: 'POST',
      headers: { authorization: 'Bearer agent:refund-specialist' },
      body: JSON.stringify({ params: { args } }),
    });
  // Nobody decides: they wait until the server stops.
  await Promise.allSettled([ask(['ch_3Pq', '1240.00', 'EUR']), ask(['ch_9Tz', '89.90', 'EUR'])]);
}

async function picturesOf(server: TestServer): Promise<readonly Picture[]> {
  const first = async <Row,>(route: string): Promise<Row> =>
    ((await server.api('GET', route)).body.data as Row[])[0]!;
  const dearest = await first<{ run_id: string; trace_id: string }>(
    '/api/v1/runs?agent=support-desk&sort=cost&limit=1',
  );
  const agent = await first<{ agent_id: string }>(`/api/v1/agents?search=${CHANGED_AGENT}`);
  return [
    { name: 'overview', path: '/', shown: 'Waiting for you' },
    { name: 'discovery', path: '/discovery', shown: 'web-scout' },
    { name: 'agent', path: `/agents/${agent.agent_id}`, shown: 'What telemetry says' },
    { name: 'runs', path: '/runs?sort=cost&range=30d', shown: 'Load more' },
    { name: 'trace', path: `/traces/${dearest.trace_id}`, shown: '$0.' },
    {
      name: 'conversation',
      path: `/traces/${dearest.trace_id}?view=conversation`,
      shown: 'assistant',
    },
    { name: 'logs', path: '/logs', shown: 'support-desk' },
    { name: 'costs', path: '/costs', shown: 'Budgets of this month' },
    { name: 'approvals', path: '/approvals', shown: 'refund-specialist' },
    {
      name: 'anomalies',
      path: '/anomalies?kind=latency_shift',
      shown: 'Latency shift',
      press: 'Over time, with what was usual',
    },
  ];
}

async function take(
  browser: Browser,
  server: TestServer,
  picture: Picture,
  theme: 'light' | 'dark',
): Promise<void> {
  const { page, context } = await openSignedIn(browser, server.url, {
    path: picture.path,
    ...SIZE,
    theme,
  });
  page.setDefaultTimeout(45_000);
  await page
    .locator('main')
    .getByText(picture.shown)
    .filter({ visible: true })
    .first()
    .waitFor()
    .catch(async (cause: unknown) => {
      const text = await page.locator('main').innerText();
      throw new Error(`${picture.path} does not show ${picture.shown}:\n${text}`, { cause });
    });
  if (picture.press !== undefined) {
    await page.getByText(picture.press).first().click();
    await page.locator('.uplot canvas').first().waitFor();
  }
  // Until nothing is read any more; the stream of changes stays open.
  await page.locator('body:not(:has([aria-busy="true"]))').waitFor({ state: 'attached' });
  const file = path.join(FOLDER, `${picture.name}-${theme}.png`);
  await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
  await context.close();
  process.stdout.write(`${path.relative(ROOT, file)} ${statSync(file).size}\n`);
}

function checkSizes(): void {
  const sizes = readdirSync(FOLDER).map((name) => statSync(path.join(FOLDER, name)).size);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  if (all > ALL_BYTES_MAX || sizes.some((size) => size > FILE_BYTES_MAX)) {
    throw new Error(`the pictures are too large: ${all} bytes, the largest ${Math.max(...sizes)}`);
  }
}

await main();
