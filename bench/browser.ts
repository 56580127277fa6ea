import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

import type { Page } from 'playwright-core';

import { launchBrowser } from '../test/browser/browser.ts';
import { startServerProcess } from './harness/server-process.ts';
import { encodeLargeTrace } from './workload/large-trace.ts';

/**
 * How the page feels: a real Chromium, a real server, a trace of many GenAI spans. Times are of the browser's own clock
 * from the start of navigation; a long task is one that holds the page's thread for more than 50 ms.
 */
const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
  },
});

/** The few of the browser's names that functions use which run in the page. */
declare const window: {
  longTasks: number[];
  typed: number[];
};
declare const document: {
  querySelector(selector: string): { scrollTop: number; scrollHeight: number } | null;
  addEventListener(
    type: 'input',
    listener: (event: { timeStamp: number }) => void,
    capture: true,
  ): void;
};
declare function requestAnimationFrame(callback: () => void): void;
declare class PerformanceObserver {
  constructor(seen: (list: { getEntries(): { duration: number }[] }) => void);
  observe(options: { type: string; buffered: boolean }): void;
}
declare class MessageChannel {
  readonly port1: { onmessage: (() => void) | null };
  readonly port2: { postMessage(message: null): void };
}

const TRACE_ID = 'ab'.repeat(16);
const spanCount = Number(values.spans);
const rounds = Number(values.rounds);
const SCROLLS = 60;

const server = await startServerProcess();
await send();
const browser = await launchBrowser();
const context = await browser.newContext({
  baseURL: server.url,
  viewport: { width: 1280, height: 800 },
});
await context.request.post('/auth/session', {
  data: { username: 'admin', password: 'bench-password' },
  headers: { origin: server.url },
});
await context.addInitScript(observe);
const results: Record<string, number[]> = {};
for (let round = 0; round < rounds; round++) {
  const page = await context.newPage();
  await overview(page);
  await trace(page);
  await page.close();
}
await browser.close();
await server.stop();
const least = (name: string): number => Math.round(Math.min(...results[name]!));
const middle = (name: string): number =>
  Math.round(results[name]!.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!);
console.log(
  JSON.stringify(
    {
      spans: spanCount,
      rounds,
      firstLoadKbGzip: Math.round(firstLoadBytes() / 100) / 10,
      ...Object.fromEntries(
        Object.keys(results).map((name) => [name, { least: least(name), middle: middle(name) }]),
      ),
    },
    null,
    2,
  ),
);

function record(name: string, value: number): void {
  (results[name] ??= []).push(value);
}

/** Runs in the page before anything else. */
function observe(): void {
  window.longTasks = [];
  window.typed = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
  document.addEventListener(
    'input',
    ({ timeStamp }) => {
      // After the frame that shows the letter has been handed over.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => window.typed.push(performance.now() - timeStamp);
        port2.postMessage(null);
      });
    },
    true,
  );
}

async function overview(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  record('overview: heading on screen, ms', await now(page));
  await page.getByRole('link', { name: 'Traces' }).click();
  await page.getByRole('heading', { name: 'Traces', level: 1 }).waitFor();
  record('overview: first click answered, ms after the start', await now(page));
}

async function trace(page: Page): Promise<void> {
  await page.goto(`/traces/${TRACE_ID}`);
  await page.locator('[data-span]').first().waitFor();
  record('trace: first rows, ms', await now(page));
  await page.getByText('so far…').waitFor({ state: 'detached' });
  record('trace: all rows, ms', await now(page));
  await page.locator('.trace-facts').getByText('$').waitFor();
  record('trace: tokens and costs of all rows, ms', await now(page));
  record('trace: longest task while it opens, ms', await longestTask(page));
  for (let step = 0; step < SCROLLS; step++) {
    await page.evaluate((share) => {
      const scroller = document.querySelector('.waterfall-scroll')!;
      scroller.scrollTop = scroller.scrollHeight * share;
    }, step / SCROLLS);
    await delay(16);
  }
  record('trace: longest task while scrolling, ms', await longestTask(page));
  await page.keyboard.press('/');
  await page.keyboard.type('create_refund', { delay: 40 });
  await page.getByText(/[\d,]+ found/).waitFor();
  await delay(1_000);
  record('trace: longest wait of a typed letter for its frame, ms', await longestTyped(page));
  record('trace: longest task while typing and finding, ms', await longestTask(page));
}

async function now(page: Page): Promise<number> {
  return await page.evaluate(() => performance.now());
}

/** The longest since it was last asked for; 0 when none was long. */
async function longestTask(page: Page): Promise<number> {
  return await page.evaluate(() => Math.max(0, ...window.longTasks.splice(0)));
}

async function longestTyped(page: Page): Promise<number> {
  return await page.evaluate(() => Math.max(0, ...window.typed.splice(0)));
}

/** What the first page names in its HTML: scripts and styles that every page needs. */
function firstLoadBytes(): number {
  const html = readFileSync('dist/web/index.html', 'utf8');
  const files = readdirSync('dist/web/assets').filter(
    (name) => html.includes(name) && /\.(js|css)$/.test(name),
  );
  return files.reduce(
    (sum, name) => sum + gzipSync(readFileSync(`dist/web/assets/${name}`)).length,
    0,
  );
}

/** Sends the trace and waits until all of it, and its calls, can be read. */
async function send(): Promise<void> {
  const startNs = BigInt(Date.now() - 3_600_000) * 1_000_000n;
  for (const body of encodeLargeTrace({ traceId: TRACE_ID, spanCount, startNs })) {
    const answer = await fetch(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', authorization: `Bearer ${server.key}` },
      body: new Uint8Array(body),
    });
    if (answer.status !== 200) throw new Error(`cannot send the trace: ${answer.status}`);
  }
  const token = await server.token();
  const callsWanted = Math.floor(spanCount / 4);
  for (;;) {
    const answer = await fetch(`${server.url}/api/v1/traces/${TRACE_ID}/calls`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { data } = (await answer.json()) as { data: readonly unknown[] };
    if (data.length >= callsWanted) return;
    await delay(500);
  }
}
