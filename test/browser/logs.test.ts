import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { findBarriers, launchBrowser, openSignedIn, overflowOf } from './browser.ts';
import type { OpenedPage, PageOptions } from './browser.ts';
import { refundRun, sendLogs, sendTrace } from './telemetry.ts';

const TRACE = 'ab00000000000000000000000000106f';
const MANY = 10_000;

let server: TestServer;
let browser: Browser;
let empty: string;
const startedAtMs = Date.now() - 600_000;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  const { page, context } = await open('/logs?range=all');
  await page.getByText('No log record has arrived yet').waitFor();
  empty = await page.getByLabel('Lines that send logs').innerText();
  await context.close();

  await sendTrace(server.url, server.ingestKey, refundRun(TRACE, 'refunds', startedAtMs));
  const inTrace = { traceId: TRACE, atMs: startedAtMs + 3_100 };
  await send('refunds', [
    {
      ...inTrace,
      body: 'refund of 1240.00 refused',
      severity: 17,
      span: 3,
      attributes: { code: 402 },
    },
    { ...inTrace, body: { charge: 'ch_3Pq', cents: 124_000 }, span: 3, event: 'refund.asked' },
    { ...inTrace, body: 'the queue is empty again' },
    { ...inTrace, body: 'Is it paid back?', span: 2, event: 'gen_ai.user.message' },
    {
      ...inTrace,
      body: { index: 0, message: '{"content":"It is, since Monday."}' },
      span: 2,
      event: 'gen_ai.choice',
    },
    { body: 'photo\u202Egpj.exe <img src=x onerror=alert(1)>', atMs: startedAtMs, severity: 13 },
  ]);
  await send(
    'worker',
    Array.from({ length: MANY }, (_, index) => ({
      body: `heartbeat ${index}`,
      atMs: startedAtMs - 1_000 - index,
      severity: index % 2 === 0 ? 5 : 9,
    })),
  );
  await eventually('the records', async () => {
    const { body } = await server.api('GET', '/api/v1/stats');
    return (body.data as { log_records: number }).log_records === MANY + 6 ? true : undefined;
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

async function send(
  service: string,
  records: Parameters<typeof sendLogs>[2]['records'],
): Promise<void> {
  await sendLogs(server.url, server.ingestKey, { service, records });
}

/** A signed-in page, at an address. */
const open = (path: string, options?: PageOptions): Promise<OpenedPage> =>
  openSignedIn(browser, server.url, { path, ...options });

it('teaches how records get here while there are none', () => {
  expect(empty).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${server.url}`);
  expect(empty).toContain('OTEL_LOGS_EXPORTER=otlp');
});

it.each(['light', 'dark'] as const)('has no barrier in the %s theme', async (theme) => {
  const { page, context, wrongs } = await open('/logs', { theme });
  await page.getByText('refund of 1240.00 refused').click();
  await page.getByText('Copy as JSON').waitFor();
  expect(await findBarriers(page)).toEqual([]);
  expect(wrongs).toEqual([]);
  await context.close();
});

it('fits a window of 390 pixels', async () => {
  const { page, context } = await open('/logs', { width: 390 });
  await page.getByText('refund of 1240.00 refused').click();
  await page.getByText('Copy as JSON').waitFor();
  expect(await overflowOf(page)).toBeLessThanOrEqual(0);
  await context.close();
});

it('is searched by words, narrowed by facets, and remembers both in its address', async () => {
  const { page, context, wrongs } = await open('/logs');
  await page.getByLabel('Search logs').fill('REFUSED refund');
  await page.waitForURL('**/logs?q=REFUSED+refund');
  await page.getByText('1 record', { exact: true }).waitFor();
  await page.getByLabel('Search logs').fill('');
  const levels = page.getByRole('region', { name: 'Facets' }).getByRole('group', { name: 'Level' });
  await levels.getByRole('button', { name: /^Warning/ }).click();
  await page.getByText('1 record', { exact: true }).waitFor();
  // What could deceive the eye is shown for what it is, and nothing of it runs.
  await page.getByText('<img src=x onerror=alert(1)>').waitFor();
  expect(await page.locator('.log-text .escape').first().innerText()).toBe('\\u{202E}');
  await page.getByLabel('Attribute', { exact: true }).fill('code=402');
  await page.keyboard.press('Enter');
  await page.getByText('No record matches').waitFor();
  expect(new URL(page.url()).search).toBe('?level=warn&attr=code%3D402');
  expect(wrongs).toEqual([]);
  await context.close();
});

it('opens a record by key, and shows those around it', async () => {
  const { page, context, wrongs } = await open('/logs?event=refund.asked');
  await page.getByText('1 record', { exact: true }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByText('"cents": 124000').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Copy as JSON').waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Around this' }).click();
  await page.getByText('the queue is empty again').waitFor();
  await page.getByText('6 records').waitFor();
  await page.goBack();
  await page.getByText('1 record', { exact: true }).waitFor();
  expect(wrongs).toEqual([]);
  await context.close();
});

it('scrolls through ten thousand records and keeps few of them in the page', async () => {
  const { page, context, wrongs } = await open('/logs?service=worker');
  await page.getByText('heartbeat 0', { exact: true }).waitFor();
  const list = page.getByRole('list', { name: 'Log records' });
  await eventually('the oldest record', async () => {
    await list.evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    return (await page.getByText(`heartbeat ${MANY - 1}`, { exact: true }).count()) === 1
      ? true
      : undefined;
  });
  expect(await page.getByRole('listitem').count()).toBeLessThan(120);
  await page.getByText('10,000 records').waitFor();
  expect(wrongs).toEqual([]);
  await context.close();
});

it('shows the records of a trace in place, and the messages they tell of', async () => {
  const { page, context, wrongs } = await open(`/traces/${TRACE}?span=0000000000000003&tab=logs`);
  await page.getByText('refund of 1240.00 refused').waitFor();
  // At one time under one span, they are one mark, as grave as the gravest.
  const marks = page.locator('[data-span="0000000000000003"] .log-mark');
  expect(await marks.evaluateAll((each) => each.map(({ title }) => title))).toEqual([
    '2 log records, error',
  ]);
  await page.getByRole('button', { name: 'Logs', exact: true }).click();
  await page.waitForURL('**logs=off');
  await marks.waitFor({ state: 'detached' });
  await page.getByRole('tab', { name: 'Logs', exact: true }).click();
  const loose = page.getByRole('listitem').filter({ hasText: 'the queue is empty again' });
  await loose.getByText('the trace', { exact: true }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.getByRole('tab', { name: 'Conversation' }).click();
  await page.getByText('It is, since Monday.').waitFor();
  await page.getByText('Is it paid back?').waitFor();
  expect(wrongs).toEqual([]);
  await context.close();
});

it('follows what comes while it is live', async () => {
  const { page, context, wrongs } = await open('/logs?service=late');
  await page.getByText('No record matches').waitFor();
  await page.getByRole('button', { name: 'Live' }).click();
  await page.waitForURL('**live=true');
  await send('late', [{ body: 'here at last', atMs: Date.now() }]);
  await page.getByText('here at last').waitFor();
  expect(wrongs).toEqual([]);
  await context.close();
});
