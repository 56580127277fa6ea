import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { findBarriers, launchBrowser, openSignedIn, overflowOf } from './browser.ts';
import type { OpenedPage, PageOptions } from './browser.ts';

/** Questions about metrics: asked, completed, mistyped, narrowed. */

let server: TestServer;
let browser: Browser;

const POINTS = 40;
const HOSTILE = 'opus\u202E<img src=x>';

/** A counter by model over the last ten minutes, as a coding agent sends it. */
async function sendTokens(): Promise<void> {
  const now = Date.now();
  const nano = (at: number): string => `${now - (POINTS - at) * 15_000}000000`;
  const points = (model: string, perPoint: number) =>
    Array.from({ length: POINTS }, (_, at) => ({
      asDouble: (at + 1) * perPoint,
      startTimeUnixNano: nano(0),
      timeUnixNano: nano(at + 1),
      attributes: [{ key: 'model', value: { stringValue: model } }],
    }));
  const answer = await fetch(`${server.url}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ingestKey}` },
    body: JSON.stringify({
      resourceMetrics: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'coder' } }] },
          scopeMetrics: [
            {
              scope: { name: 'test' },
              metrics: [
                {
                  name: 'claude_code.token.usage',
                  unit: 'tokens',
                  description: 'Tokens used',
                  sum: {
                    isMonotonic: true,
                    aggregationTemporality: 2,
                    dataPoints: [...points('haiku', 150), ...points(HOSTILE, 300)],
                  },
                },
              ],
            },
          ],
        },
      ],
    }),
  });
  expect(answer.status).toBe(200);
}

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** A signed-in page, at an address. */
const open = (path: string, options?: PageOptions): Promise<OpenedPage> =>
  openSignedIn(browser, server.url, { path, ...options });

const RATE = 'sum by (model) (rate(claude_code_token_usage_tokens_total[5m]))';

describe('metrics', () => {
  it('teaches how to send some while there are none', async () => {
    const { page, context, wrongs } = await open('/metrics');
    await page.getByText('export CLAUDE_CODE_ENABLE_TELEMETRY=1').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('opens the question that fits a metric, as a chart, a table and a row per series', async () => {
    await sendTokens();
    await eventually('the metric', async () => {
      const { body } = await server.api('GET', '/api/v1/metrics');
      return (body.data as unknown[]).length > 0 ? true : undefined;
    });
    const { page, context, wrongs } = await open('/metrics');
    await page.getByRole('link', { name: 'claude_code.token.usage' }).click();
    const field = page.getByLabel('Query a in PromQL');
    expect(await field.inputValue()).toBe(
      'sum by (service_name) (rate(claude_code_token_usage_tokens_total[5m]))',
    );
    await field.fill(RATE);
    await field.press('Enter');
    await page.getByText('opus\\u{202e}<img src=x>').first().waitFor();
    await page.getByRole('button', { name: 'Table' }).click();
    await page.getByRole('cell', { name: '20', exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Latest' }).click();
    await page.getByRole('row', { name: 'haiku' }).getByText('10', { exact: true }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.goBack();
    await page.getByText('drag to narrow the time').waitFor();
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('completes names, labels and values', async () => {
    const { page, context, wrongs } = await open('/metrics');
    const field = page.getByLabel('Query a in PromQL');
    await page.getByRole('link', { name: 'claude_code.token.usage' }).waitFor();
    await field.pressSequentially('sum(incr');
    await page.getByRole('option', { name: /^increase/ }).waitFor();
    await field.press('Tab');
    await field.pressSequentially('token_us');
    await page.getByRole('option', { name: /claude_code_token_usage_tokens_total/ }).waitFor();
    await field.press('Tab');
    await field.pressSequentially('{mod');
    await page.getByRole('option', { name: /model/ }).waitFor();
    await field.press('Tab');
    await field.pressSequentially('="ha');
    await page.getByRole('option', { name: 'haiku' }).waitFor();
    await field.press('Tab');
    await field.pressSequentially('"}[5m]))');
    await field.press('Enter');
    await page.getByText('drag to narrow the time').waitFor();
    const query = 'sum(increase(claude_code_token_usage_tokens_total{model="haiku"}[5m]))';
    expect(new URL(page.url()).searchParams.get('q')).toBe(query);
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('says where a question is wrong and what may have been meant', async () => {
    const { page, context, wrongs } = await open('/metrics?q=sum(incrase(a_total[5m]))');
    const alert = page.getByRole('alert');
    await alert.getByText('did you mean increase()?').waitFor();
    expect(await alert.locator('mark').textContent()).toBe('incrase');
    expect(await findBarriers(page)).toEqual([]);
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('draws several questions in the dark and in a window of 390 pixels', async () => {
    const path = `/metrics?q=${encodeURIComponent(RATE)}&q=${encodeURIComponent('vector(1)')}`;
    const { page, context, wrongs } = await open(path, { theme: 'dark', width: 390 });
    await page.getByRole('figure').nth(1).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(wrongs).toEqual([]);
    await context.close();
  });
});
