import { gzipSync } from 'node:zlib';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { ADMIN, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { findBarriers, launchBrowser, openPage, openSignedIn, overflowOf } from './browser.ts';
import type { OpenedPage, PageOptions } from './browser.ts';
import { refundRun, sendTrace, wideRun } from './telemetry.ts';

/** What functions that run in the page use of it. */
declare const document: {
  readonly activeElement: { readonly textContent: string } | null;
  readonly documentElement: object;
  readonly body: { insertAdjacentHTML(where: 'beforeend', html: string): void };
};
declare function getComputedStyle(element: object): { readonly backgroundColor: string };

const REFUND_TRACE = '7f3a91bc5d2e4f60a1b2c3d4e5f60718';
const WIDE_TRACE = 'b1600000000000000000000000000001';
const WIDE_SPANS = 6001;

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  const startedAtMs = Date.now() - 60_000;
  await sendTrace(
    server.url,
    server.ingestKey,
    refundRun(REFUND_TRACE, 'billing-bot', startedAtMs),
  );
  await sendTrace(
    server.url,
    server.ingestKey,
    wideRun(WIDE_TRACE, 'batch-bot', startedAtMs, WIDE_SPANS),
  );
  for (const agent of ['scraper-7', '<b>forged</b>\u202Etob']) {
    const traceId = Buffer.from(agent.padEnd(16, '.')).toString('hex').slice(0, 32);
    await sendTrace(server.url, server.ingestKey, refundRun(traceId, agent, startedAtMs));
  }
  for (const traceId of [REFUND_TRACE, WIDE_TRACE]) {
    await eventually('the trace to be readable', async () => {
      const { status } = await server.api('GET', `/api/v1/traces/${traceId}?limit=1`);
      return status === 200 ? true : undefined;
    });
  }
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** A signed-in page, at an address. */
const open = (path: string, options?: PageOptions): Promise<OpenedPage> =>
  openSignedIn(browser, server.url, { path, ...options });

describe('a server that nothing was sent to', () => {
  it('tells on the page of traces how they come', async () => {
    const fresh = await startServer();
    const { page, context } = await openPage(browser, fresh.url);
    await context.request.post('/auth/session', { data: ADMIN, headers: { origin: fresh.url } });
    await page.goto('/traces');
    await page.getByText('No trace in this time').waitFor();
    await page.getByRole('link', { name: 'Show the lines to paste' }).click();
    await page.waitForURL('**/connect');
    await context.close();
    await fresh.dispose();
  });
});

async function statusOf(name: string): Promise<string | undefined> {
  const { body } = await server.api('GET', '/api/v1/agents?limit=100');
  return (body.data as { name: string; status: string }[]).find((agent) => agent.name === name)
    ?.status;
}

describe('signing in', () => {
  it('works once by the link that the first start printed', async () => {
    const link = /http:\S+\/auth\/link\?token=\S+/.exec(server.stdout())?.[0];
    const first = await openPage(browser, server.url);
    await first.page.goto(link!);
    await first.page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(first.wrongs).toEqual([]);
    await first.context.close();

    const second = await openPage(browser, server.url);
    await second.page.goto(link!);
    await second.page.getByText('This sign-in link has served already').waitFor();
    await second.context.close();
  });

  it('refuses a wrong password in words, and leads to the page that was asked for', async () => {
    const { page, context, wrongs } = await openPage(browser, server.url);
    await page.goto('/traces?range=7d');
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Username or password is wrong').waitFor();
    await page.getByLabel('Password').fill(ADMIN.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Traces', level: 1 }).waitFor();
    expect(page.url()).toBe(`${server.url}/traces?range=7d`);
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('ends when the user signs out', async () => {
    const { page, context } = await open('/agents');
    await page.getByRole('heading', { name: 'Agents' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto('/agents');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await context.close();
  });
});

describe('the discovery queue', () => {
  it('shows what telemetry says about an agent, its name as plain text', async () => {
    const { page, context, wrongs } = await open('/discovery');
    const item = page.getByRole('listitem').filter({ hasText: 'billing-bot' }).first();
    await item.waitFor();
    const text = await item.innerText();
    for (const evidence of ['claude-haiku-4-5', 'stripe.create_refund', 'nodejs']) {
      expect(text).toContain(evidence);
    }
    await page.getByRole('link', { name: '<b>forged</b>\\u{202E}tob' }).waitFor();
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('lets a keyboard approve an agent with a reason that its history keeps', async () => {
    const { page, context, wrongs } = await open('/discovery?q=billing-bot');
    await page.getByRole('link', { name: 'billing-bot' }).waitFor();
    await page.keyboard.press('j');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('billing-bot');
    await page.keyboard.press('a');
    await page.getByRole('dialog', { name: 'Approve billing-bot?' }).waitFor();
    await page.keyboard.type('Runs for support');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Approved: billing-bot').waitFor();
    await page.getByText('No waiting agent matches').waitFor();
    expect(await statusOf('billing-bot')).toBe('APPROVED');

    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.getByRole('link', { name: 'billing-bot' }).click();
    await page.getByText('Runs for support').waitFor();
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('dismisses several only after asking', async () => {
    const { page, context, wrongs } = await open('/discovery');
    await page.getByRole('link', { name: 'scraper-7' }).waitFor();
    for (const name of ['Select scraper-7', 'Select <b>forged</b>']) {
      await page.getByRole('checkbox', { name }).check();
    }
    await page.keyboard.press('d');
    await page.getByRole('dialog', { name: 'Dismiss 2 agents?' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await statusOf('scraper-7')).toBe('UNREVIEWED');

    await page.keyboard.press('d');
    await page.getByRole('dialog').getByRole('button', { name: 'Dismiss' }).click();
    await page.getByRole('status').getByText('Dismissed: 2 agents').waitFor();
    expect([await statusOf('scraper-7'), await statusOf('batch-bot')]).toEqual([
      'DISMISSED',
      'UNREVIEWED',
    ]);
    expect(wrongs).toEqual([]);
    await context.close();
  });
});

describe('traces', () => {
  it('are filtered by the address and opened by the keyboard', async () => {
    const { page, context, wrongs } = await open('/traces?agent=billing-bot');
    await page.getByRole('link', { name: 'invoke_agent billing-bot' }).waitFor();
    expect(await page.getByRole('link', { name: 'batch run' }).count()).toBe(0);
    const status = page.getByRole('group', { name: 'Status' });
    await status.getByRole('button', { name: /^Failed/ }).click();
    await page.waitForURL('**/traces?agent=billing-bot&status=error');
    await page.getByRole('link', { name: 'invoke_agent billing-bot' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/traces/${REFUND_TRACE}`);
    await page.goBack();
    await page.waitForURL('**/traces?agent=billing-bot&status=error');
    await page.goto('/traces?agent=billing-bot&status=ok');
    await page.getByText('No trace matches').waitFor();
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('show as a waterfall what happened, how long and where it failed', async () => {
    const { page, context, wrongs } = await open(`/traces/${REFUND_TRACE}`);
    const rows = page.locator('[data-span]');
    await rows.first().waitFor();
    expect(
      await rows.evaluateAll((all) =>
        all.map((row) => [row.getAttribute('aria-level'), row.querySelector('bdi')?.textContent]),
      ),
    ).toEqual([
      ['1', 'invoke_agent billing-bot'],
      ['2', 'chat claude-haiku-4-5'],
      ['2', 'execute_tool stripe.create_refund'],
      ['2', 'chat claude-haiku-4-5'],
    ]);
    const facts = page.locator('.trace-facts');
    // Tokens are told once the trace is analysed.
    await facts.getByText('9,440').waitFor({ timeout: 60_000 });
    const text = await facts.innerText();
    for (const fact of [
      '9.00\u00a0s',
      '4 spans',
      '2 model calls',
      '1 tool call',
      '320',
      '1 failed span',
    ]) {
      expect(text).toContain(fact);
    }

    await page.keyboard.press('e');
    await page.keyboard.press('Enter');
    await page
      .getByRole('region', { name: 'Span' })
      .getByText('402 the charge is refunded already')
      .waitFor();
    expect(new URL(page.url()).searchParams.get('span')).toBe('0000000000000003');
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Span' }).waitFor({ state: 'detached' });
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await page.keyboard.press('h');
    expect(await rows.count()).toBe(1);
    await page.keyboard.press('l');
    expect(await rows.count()).toBe(4);
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('show hostile content as text, with hidden characters visible and long values cut', async () => {
    const { page, context, wrongs } = await open(
      `/traces/${REFUND_TRACE}?span=0000000000000003&tab=attributes`,
    );
    const panel = page.getByRole('region', { name: 'Span' });
    await panel.getByText('<img src=x onerror=').waitFor();
    await panel.getByText('photo\\u{202E}gpj.exe').waitFor();
    await panel.getByText('\\x1b[31mred\\x1b[0m').waitFor();
    expect(await panel.locator('img, script').count()).toBe(0);
    expect(await page.title()).not.toContain('owned');
    expect((await panel.innerText()).length).toBeLessThan(5000);
    await panel.getByRole('button', { name: 'Show all (600.0\u00a0kB)' }).click();
    await panel.getByText('the first 200.0\u00a0kB are shown').waitFor();
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('of thousands of spans keep only the rows on screen, and find the failed one at a key', async () => {
    const { page, context, wrongs } = await open(`/traces/${WIDE_TRACE}`);
    await page.getByText('6,001 spans').waitFor();
    await page.getByText('so far').waitFor({ state: 'detached' });
    expect(await page.locator('[data-span]').count()).toBeLessThan(80);
    await page.keyboard.press('e');
    await page.locator('[data-current="true"]').getByText('step 5994').waitFor();
    expect(await page.locator('[data-span]').count()).toBeLessThan(80);
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('say what is wrong when there is no such trace', async () => {
    const { page, context } = await open('/traces/00000000000000000000000000000bad');
    await page.getByText('No trace with this id is stored').waitFor();
    await context.close();
  });
});

describe('connecting', () => {
  it('makes a key with which telemetry arrives', async () => {
    const { page, context, wrongs } = await open('/connect?for=javascript');
    await page.getByRole('button', { name: 'Make a key' }).click();
    const key = (await page.getByLabel('The new key').innerText()).trim();
    const lines = await page.getByLabel('Environment variables').innerText();
    expect(lines.trim().split('\n')).toEqual([
      `export OTEL_EXPORTER_OTLP_ENDPOINT=${server.url}`,
      `export OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20${key}`,
      'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    ]);
    await sendTrace(
      server.url,
      key,
      refundRun('c0ffee00000000000000000000000001', 'just-connected', Date.now() - 10_000),
    );
    await page.getByText('Telemetry last arrived').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('link', { name: 'just-connected' }).waitFor();
    expect(wrongs).toEqual([]);
    await context.close();
  });
});

it('loads at most 150 kB of script and style, gzipped, for the first page', async () => {
  // A page without scripts first, so that none is in the browser's cache.
  const { page, context } = await open('/health');
  const bodies: Promise<Buffer>[] = [];
  page.on('response', (response) => {
    if (/\.(js|css)$/.test(new URL(response.url()).pathname)) bodies.push(response.body());
  });
  await page.goto('/discovery');
  await page.getByRole('heading', { name: 'Discovery' }).waitFor();
  await page.locator('main li').first().waitFor();
  const bytes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
  expect(bytes.length).toBeGreaterThan(3);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(150_000);
  await context.close();
});

it('would notice what a page must not do', async () => {
  const { page, context, wrongs } = await open('/agents');
  await page.getByRole('heading', { name: 'Agents' }).waitFor();
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<button style="color: red"></button>');
  });
  expect(await findBarriers(page)).toContainEqual(expect.stringContaining('button-name'));
  expect(wrongs).toContainEqual(expect.stringContaining('refused: style-src-attr'));
  await context.close();
});

/** Each with its heading, and something of what it shows once it has been answered. */
const PAGES = [
  ['sign in', '/sign-in', 'Sign in', 'input[type=password]'],
  ['discovery', '/discovery', 'Discovery', 'main li'],
  ['agents', '/agents', 'Agents', 'main tbody a'],
  ['traces', '/traces', 'Traces', '.traces tbody a'],
  [
    'a trace',
    `/traces/${REFUND_TRACE}?span=0000000000000003`,
    'invoke_agent billing-bot',
    'main :text("stripe.create_refund")',
  ],
  ['connect', '/connect', 'Connect', '.code .copy'],
] as const;

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it.each(PAGES)('the page %s has no serious barrier', async (_, path, heading, content) => {
    const { page, context, wrongs } = await open(path, { theme });
    await page.getByRole('heading', { name: heading }).first().waitFor();
    await page.locator(content).first().waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('neither the sheet of keys nor the question before a decision is a barrier', async () => {
    const { page, context } = await open('/discovery', { theme });
    await page.getByRole('button', { name: 'Approve' }).first().click();
    await page.getByRole('dialog').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys and theme' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await context.close();
  });
});

it('keeps a chosen theme when the page is loaded again', async () => {
  const { page, context, wrongs } = await open('/agents', { theme: 'light' });
  const ground = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.getByRole('heading', { name: 'Agents' }).waitFor();
  const light = await ground();
  await page.keyboard.press('?');
  await page.getByRole('button', { name: 'Dark' }).click();
  const dark = await ground();
  await page.reload();
  expect([await ground(), dark === light]).toEqual([dark, false]);
  expect(wrongs).toEqual([]);
  await context.close();
});

describe('at 390 pixels', () => {
  it.each(PAGES)('the page %s fits its window', async (_, path, heading, content) => {
    const { page, context, wrongs } = await open(path, { width: 390, height: 844 });
    await page.getByRole('heading', { name: heading }).first().waitFor();
    await page.locator(content).first().waitFor();
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(await findBarriers(page)).toEqual([]);
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('an agent can be approved', async () => {
    const { page, context } = await open('/discovery?q=just-connected', {
      width: 390,
      height: 844,
    });
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('status').getByText('Approved: just-connected').waitFor();
    expect(await statusOf('just-connected')).toBe('APPROVED');
    await context.close();
  });
});
