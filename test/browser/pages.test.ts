import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { run } from '../harness/process.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { findBarriers, launchBrowser, openSignedIn, overflowOf } from './browser.ts';
import type { OpenedPage, PageOptions } from './browser.ts';

/** The pages of a server that the demonstration filled, each in both themes and narrow. */

/** Two thousand runs, on a machine that does other things, too. */
const ANALYSED_WITHIN_MS = 90_000;

let server: TestServer;
let browser: Browser;

interface RunRow {
  readonly run_id: string;
  readonly trace_id: string;
  readonly agent: string;
  readonly span_count: number;
}

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  const demo = run(process.execPath, [
    'bin/signalbox.js',
    'demo',
    '--once',
    '--seed=7',
    `--url=${server.url}`,
    `--key=${server.ingestKey}`,
  ]);
  expect((await demo.exited).code).toBe(0);
  // The days of the demonstration are analysed in their order: the newest traces last.
  const newest = await eventually('the traces of the demonstration', async () => {
    const { body } = await server.api('GET', '/api/v1/traces?agent=support-desk&limit=5');
    const traces = body.data as readonly { readonly traceId: string }[];
    return traces.length === 5 ? traces : undefined;
  });
  for (const { traceId } of newest) {
    await eventually(
      'the runs of the newest traces',
      async () => ((await runsBy(`&trace=${traceId}`)).length > 0 ? true : undefined),
      ANALYSED_WITHIN_MS,
    );
  }
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** The list of runs once it answers the question in the address: the page before it has tables, too. */
const runTable = (page: Page) => page.locator('table[aria-label="The runs"][aria-busy="false"]');

async function runsBy(query: string): Promise<readonly RunRow[]> {
  const { body } = await server.api('GET', `/api/v1/runs?limit=100${query}`);
  return body.data as RunRow[];
}

/** A signed-in page, at an address. */
const open = (path: string, options?: PageOptions): Promise<OpenedPage> =>
  openSignedIn(browser, server.url, { path, ...options });

const PAGES: readonly (readonly [path: string, heading: string, shown: string | RegExp])[] = [
  ['/', 'Overview', 'support-desk'],
  ['/discovery', 'Discovery', 'support-desk'],
  ['/agents', 'Agents', 'support-desk'],
  ['/runs', 'Runs', 'support-desk'],
  ['/traces', 'Traces', 'invoke_agent support-desk'],
  ['/costs', 'Costs', 'support-desk'],
  ['/quality', 'Quality', 'Pass rate by day'],
  ['/anomalies', 'Anomalies', /All is as usual|Latency shift/],
  ['/approvals', 'Approvals', 'This server runs no gateway'],
  ['/calls', 'Calls', 'This server runs no gateway'],
  ['/settings/keys', 'Settings', 'first ingest key'],
  ['/settings/people', 'Settings', 'you'],
  ['/settings/run-names', 'Settings', 'A span whose name contains'],
  ['/settings/dead-letters', 'Settings', 'Everything was stored'],
  ['/settings/audit-log', 'Settings', 'agent.registered'],
];

describe.each(PAGES)('%s', (path, heading, shown) => {
  it.each(['light', 'dark'] as const)(
    'has no barrier and does nothing wrong in the %s theme',
    async (theme) => {
      const { page, context, wrongs } = await open(path, { theme });
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
      await page.getByText(shown).first().waitFor();
      expect(await findBarriers(page)).toEqual([]);
      expect(wrongs).toEqual([]);
      await context.close();
    },
  );

  it('fits a window of 390 pixels', async () => {
    const { page, context } = await open(path, { width: 390 });
    await page.getByText(shown).first().waitFor();
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await context.close();
  });
});

describe('a trace', () => {
  it.each([
    ['graph', 'lookup_order'],
    ['conversation', 'assistant'],
    ['path', 'Making one shorter makes the whole shorter'],
  ])('is shown as %s without a barrier', async (view, shown) => {
    const [largest] = (await runsBy('&agent=support-desk')).toSorted(
      (a, b) => b.span_count - a.span_count,
    );
    const { page, context, wrongs } = await open(`/traces/${largest!.trace_id}?view=${view}`);
    await page.getByText(shown).filter({ visible: true }).first().waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(wrongs).toEqual([]);
    await context.close();
  });
});

describe('someone who has never seen it', () => {
  it('finds the most expensive run of the day, and what it paid for', async () => {
    const [dearest] = await runsBy(`&sort=cost&from=${Date.now() - 86_400_000}`);
    const { page, context, wrongs } = await open('/');
    await page.getByRole('navigation', { name: 'Pages' }).getByText('Runs').click();
    await page.getByLabel('Order').selectOption({ label: 'Most expensive first' });
    await page.waitForURL('**/runs?sort=cost');
    const sorted = runTable(page).filter({
      has: page.locator('th[aria-sort="descending"]', { hasText: 'Cost' }),
    });
    const first = sorted.locator('tbody tr').first().getByRole('link');
    await first.getByText(dearest!.agent).waitFor();
    await first.click();
    await page.waitForURL(`**/runs/${dearest!.run_id}?trace=${dearest!.trace_id}`);
    await page.getByRole('heading', { name: 'Model calls' }).waitFor();
    await page.getByText('library@').first().waitFor();
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('finds why a run failed', async () => {
    const { page, context, wrongs } = await open('/');
    const figure = page.locator('.figure').filter({ hasText: 'Failed' });
    await figure.getByRole('link').click();
    await page.waitForURL('**/runs?status=error');
    await runTable(page).locator('tbody tr').first().getByRole('link').click();
    await page.getByRole('heading', { name: 'Why it failed' }).waitFor();
    await page.getByRole('link', { name: 'Open the trace' }).click();
    await page.getByRole('region', { name: 'Span' }).getByText('It failed').waitFor();
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('goes anywhere by its name', async () => {
    const { page, context, wrongs } = await open('/agents');
    await page.getByRole('heading', { name: 'Agents' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to anything' }).fill('trip-pl');
    await page.getByRole('option', { name: 'trip-planner' }).click();
    await page.getByRole('heading', { name: 'trip-planner' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to anything' }).fill('costs');
    expect(await findBarriers(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/costs');
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('prices a model of its own, and its calls are priced with it', async () => {
    const trace = 'feed'.repeat(8);
    const now = BigInt(Date.now()) * 1_000_000n;
    const attributes = Object.entries({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'house-blend-1',
      'gen_ai.usage.input_tokens': 1_000_000,
      'gen_ai.usage.output_tokens': 500_000,
    }).map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
    }));
    const span = {
      traceId: trace,
      spanId: 'feed'.repeat(4),
      name: 'chat house-blend-1',
      kind: 3,
      startTimeUnixNano: String(now - 2_000_000_000n),
      endTimeUnixNano: String(now),
      attributes,
    };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'roastery' } }] };
    await fetch(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ingestKey}` },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    });
    const { page, context, wrongs } = await open('/costs');
    const unpriced = page.getByRole('region', { name: 'Unpriced models' });
    await unpriced.getByText('house-blend-1').waitFor();
    await unpriced.getByRole('button', { name: 'Set a price' }).click();
    await page.getByLabel('Input', { exact: true }).fill('2');
    await page.getByLabel('Output', { exact: true }).fill('4');
    await page.getByRole('button', { name: 'Set, and price its calls' }).click();
    await page.getByText('its calls are priced anew').waitFor();
    await unpriced.waitFor({ state: 'detached' });
    const [priced] = await eventually('the price of the call', async () => {
      const { body } = await server.api('GET', `/api/v1/runs?trace=${trace}`);
      const rows = body.data as { cost_usd: number | null }[];
      return rows[0]?.cost_usd === null ? undefined : rows;
    });
    expect(priced!.cost_usd).toBe(4);
    expect(wrongs).toEqual([]);
    await context.close();
  });
});
